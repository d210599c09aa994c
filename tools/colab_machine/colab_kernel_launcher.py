"""Start a kernel as Colab does: its module is called so, its shell class is ``Shell``, ``google.colab`` is loaded."""

from google.colab._shell import Shell
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets import Type


class Kernel(IPythonKernel):
    """ipykernel's own, with Colab's shell."""

    shell_class = Type(Shell)


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=Kernel)
