"""Factur-X (ZUGFeRD 2): the printed page with the CII invoice attached as ``factur-x.xml``.

The file carries what a reader looks for: the attachment among the embedded files, its relationship to the document, and
the Factur-X entry in the metadata. It does not claim PDF/A-3, which would need embedded fonts and a colour profile.
"""

import io

from sandbox_company.documents import cii, text
from sandbox_company.invoice import Invoice

_NAME = "factur-x.xml"
_GUIDELINE = "urn:cen.eu:en16931:2017"
_METADATA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType>
<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version>
<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def render(invoice: Invoice, layout: int) -> bytes:
    """The PDF with the invoice in both forms."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, NameObject, StreamObject, TextStringObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(text.render(invoice, layout))))
    attachment = writer.add_attachment(_NAME, cii.render(invoice, _GUIDELINE))
    attachment.alternative_name = TextStringObject(_NAME)
    attachment.subtype = NameObject("/text/xml")
    attachment.associated_file_relationship = NameObject("/Alternative")
    catalogue = writer.root_object
    catalogue[NameObject("/AF")] = ArrayObject([attachment.pdf_object.indirect_reference])
    metadata = StreamObject()
    metadata.set_data(_METADATA.encode())
    metadata[NameObject("/Type")] = NameObject("/Metadata")
    metadata[NameObject("/Subtype")] = NameObject("/XML")
    catalogue[NameObject("/Metadata")] = writer._add_object(metadata)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
