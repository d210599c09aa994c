"""What course notebooks meet of ``google.colab``, written after its public source (googlecolab/colabtools).

Names, errors and effects are Colab's; there is no browser behind them, so what needs one says so.
"""

from google.colab import errors, files, output, userdata

__all__ = ["errors", "files", "output", "userdata"]
