"""Classifiers that coralrun has itself: folders of plain files, what they compute, and how they are trained."""
