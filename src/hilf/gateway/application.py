"""The gateway as a WSGI application (PEP 3333): Django with the addresses of the gateway and nothing else."""

from django.core.handlers.wsgi import WSGIHandler

from hilf.node.home import default_path
from hilf.settings import configure_gateway


def application() -> WSGIHandler:
    """The application for the home that HILF_HOME names.

    Raises:
        HilfError: the home cannot be opened.
    """
    configure_gateway(default_path())
    return WSGIHandler()
