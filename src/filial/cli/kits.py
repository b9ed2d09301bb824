"""``filial kits``."""


def kits() -> None:
    """List the studies that come with Filial."""
    from rich.console import Console
    from rich.table import Table

    from filial.kits import catalogue

    table = Table("kit", "judged as", "goal", box=None, header_style="bold")
    for kit in catalogue():
        table.add_row(kit.name, kit.judged, kit.goal)
    Console().print(table)
