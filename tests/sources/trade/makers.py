"""Small files in the layouts of the real sources, made up by us."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl

from coproduce.sources.trade import store

COUNTRIES = (
    "country_code,country_name,country_iso2,country_iso3\n4,Afghanistan,AF,AFG\n"
    "356,Never used,IN,IND\n384,Côte d'Ivoire,CI,CIV\n490,Other Asia,N/A,N/A\n"
    "516,Namibia,NA,NAM\n643,Russian Federation,RU,RUS\n699,India,IN,IND\n842,USA,US,USA\n"
)
PRODUCTS = "code,description\n010121,Horses\n293311,Phenazone\n300490,Medicaments\n"
LEGACY = (
    "Classification,Year,Period,Aggregate Level,Trade Flow Code,Reporter Code,Partner Code,"
    "2nd Partner Code,Customs Proc. Code,Mode of Transport Code,Commodity Code,Netweight (kg),"
    "Trade Value (US$)"
)
V1 = (
    "typeCode,freqCode,refYear,period,reporterCode,flowCode,partnerCode,partner2Code,"
    "classificationCode,cmdCode,aggrLevel,customsCode,mosCode,motCode,netWgt,primaryValue"
)
TARIFF = (
    "typeCode,freqCode,refYear,period,reporterCode,flowCode,partnerCode,partner2Code,"
    "classificationCode,cmdCode,customsCode,motCode,netWgt,primaryValue"
)


def write(folder: Path, name: str, header: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def baci(folder: Path, *rows: str, year: int = 2021, version: str = "202301") -> Path:
    return write(folder, f"BACI_HS12_Y{year}_V{version}.csv", "t,i,j,k,v,q", *rows)


def baci_zip(folder: Path, *files: Path, products: str = PRODUCTS) -> Path:
    path = folder / "BACI_HS12_V202301.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.write(each, each.name)
        archive.writestr("country_codes_V202301.csv", COUNTRIES.encode("latin-1"))
        archive.writestr("product_codes_HS12_V202301.csv", products)
        archive.writestr("Readme.txt", "Version : 202301")
    return path


def legacy(
    flow: int, reporter: int, partner: int, code: str, value: float, *, rev: str = "H5",
    year: int = 2018, kg: str = "1000", parts: str = ",,",
) -> str:  # fmt: skip
    return (
        f"{rev},{year},{year},{len(code)},{flow},{reporter},{partner},{parts},{code},{kg},{value}"
    )


def v1(
    flow: str, reporter: int, partner: int, code: str, value: float, *, parts: str = "0|C00|0",
    period: str = "2021", rev: str = "H6",
) -> str:  # fmt: skip
    second, customs, transport = parts.split("|")
    freq = "A" if len(period) == 4 else "M"
    return (
        f"C,{freq},{period[:4]},{period},{reporter},{flow},{partner},{second},{rev},{code},"
        f"{len(code)},{customs},0,{transport},1000,{value}"
    )


def flows(folder: Path) -> list[tuple[object, ...]]:
    """Return exporter_id, importer_id, product_id, year, value, quantity, flags in file order."""
    names = store.countries(folder)["country_id"]
    codes = store.products(folder)["product_id"]
    return [
        (names[row[1]], names[row[2]], codes[row[3]], row[0], *row[4:])
        for row in store.scan_flows(folder).collect().iter_rows()
    ]


def rejected(folder: Path) -> list[tuple[str, int]]:
    """Return reason and line of the rejected rows."""
    frame = pl.read_parquet(folder / store.REJECTED)
    return [(row[0], row[1]) for row in frame.select("reason", "line").iter_rows()]
