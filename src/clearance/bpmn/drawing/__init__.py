"""Pictures of processes: BPMN diagrams as SVG and PNG, without a browser.

    svg = draw("invoice.bpmn")
    svg = draw(process.definitions(), tokens=Tokens(elements={"approve": Standing(active=1)}), dark=True)

What a file draws is drawn as clauses 7, 10 and 12 say, in the modeller's colours; what has no diagram is laid out
first. Pure: the same file and tokens give the same text. ``png.py`` makes pixels of it, ``outline.py`` lines for a
terminal. One file for each family of shapes; ``page.py`` puts them above one another.
"""

from clearance.bpmn.drawing.draw import PageError, draw, page_names
from clearance.bpmn.drawing.outline import outline
from clearance.bpmn.drawing.png import PictureError, png
from clearance.bpmn.drawing.standing import Standing, Tokens

__all__ = ["PageError", "PictureError", "Standing", "Tokens", "draw", "outline", "page_names", "png"]
