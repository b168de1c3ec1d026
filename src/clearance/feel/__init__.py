"""FEEL, the expression language of DMN (chapter 10): compile once, evaluate often."""
