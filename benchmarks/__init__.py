"""The populations, the floors and the bars that imagedb is measured against."""
