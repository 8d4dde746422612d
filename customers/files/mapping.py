"""What a column is, told from its name: the words of many shops, systems and languages."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from .layout import words

# In order of trust: of two columns that would do, the one named earlier in the list is taken.
SYNONYMS: dict[str, str] = {
    "customer": "customer customerid customernumber customerno custid cust userid user"
    " userident uid visitorid visitor clientid client clientnumber memberid member buyerid"
    " buyer accountid account shopperid householdid household personid contactid"
    " externalcustomerid customerexternalid kundennummer kundennr kundenid kunde kundeid"
    " clienteid cliente numeroclient idclient codeclient codiceclient codicecliente"
    " idcliente klantnummer klantid klant klientid nrklienta kundnummer kundid asiakasnumero"
    " 客户编号 客户id 用户id 顧客id 会員id reviewerid",
    "product": "product productid productcode productno productnumber productsku sku skuid"
    " skucode itemid item itemcode itemno itemnumber stockcode articleid article articleno"
    " articlenumber variantid varianteid ean ean13 gtin upc barcode isbn asin movieid movie"
    " filmid bookid songid trackid artistid contentid plu externalproductid lineitemsku"
    " artikelnummer artikelnr artikel produktnummer produktid produkt produktnr produit"
    " produitid idproduit codeproduit referenz reference référence codigo codigoproducto"
    " producto productoid idproducto prodotto idprodotto codiceprodotto codicearticolo"
    " artikelcode produto idproduto codproduto produkttunniste 商品id 商品编号 商品コード"
    " 产品id",
    "kind": "kind event eventtype eventname action actiontype activity behavior behaviour"
    " behaviortype interaction interactiontype ereignis aktion evenement événement evento"
    " accion",
    "occurred_at": "occurredat eventtime eventtimestamp eventdate timestamp datetime"
    " orderdate orderedat invoicedate purchasedate purchasedat transactiondate"
    " transactiontime transactiontimestamp paidat saledate salesdate createdat processedat"
    " date dateadd dateadded orderdatetime orderpurchasetimestamp time ts unixreviewtime"
    " reviewtime placedat bestelldatum rechnungsdatum kaufdatum datum zeitpunkt zeitstempel"
    " datecommande dateachat datefacture fecha fechapedido fechacompra fechafactura data"
    " dataordine dataacquisto datafattura datapedido datacompra besteldatum orderdatum"
    " factuurdatum orderdato 日期 注文日 购买日期 下单时间 datezakupu datazamowienia",
    "clock": "clock timeofday ordertime purchasetime invoicetime saletime uhrzeit heure hora"
    " ora tijd time",
    "quantity": "quantity qty quantityordered orderedquantity quantitypurchased amountofitems"
    " units unitssold pieces count numberofitems numberofcds lineitemquantity itemquantity"
    " menge anzahl stueck stück stuckzahl quantite quantité qte cantidad unidades quantita"
    " quantità quantidade aantal ilosc ilość antal maara 数量",
    "unit_price": "unitprice price itemprice priceperunit priceeach pricepaid sellingprice"
    " productprice saleprice lineitemprice einzelpreis stueckpreis stückpreis preis vkpreis"
    " prixunitaire prix puht preciounitario precio prezzounitario prezzo precounitario preco"
    " preço eenheidsprijs stuksprijs prijs cena cenajednostkowa pris styckpris 单价 単価"
    " 价格 価格",
    "amount": "amount linetotal total totalprice totalamount linetotalprice saleamount"
    " salesamount salesvalue sales revenue value spend spent paid netamount grossamount"
    " subtotal ordertotal ordervalue dollarvalue paymentvalue monetary umsatz betrag summe"
    " gesamt gesamtbetrag gesamtpreis montant total_ttc totalttc montantttc importe"
    " importetotal importo totale valor valortotal bedrag totaal kwota wartosc wartość suma"
    " belopp summa 金额 金額 合计",
    "discount": "discount discountamount linediscount totaldiscount discountvalue rabatt"
    " nachlass remise reduction réduction descuento sconto desconto korting rabat zniżka"
    " 折扣 割引",
    "currency": "currency currencycode waehrung währung devise moneda divisa valuta moeda"
    " waluta 通貨",
    "order_id": "orderid order ordernumber orderno ordername orderref orderreference"
    " invoiceno invoice invoicenumber invoiceid transactionid transaction transactionno"
    " transactionnumber basketid basket receiptid receipt receiptno receiptnumber ticketid"
    " ticket billno saleid cartid bestellnummer bestellnr bestellung auftragsnummer"
    " rechnungsnummer rechnungsnr belegnummer commande numerocommande idcommande numfacture"
    " facture pedido numeropedido idpedido factura numerofactura ordine numeroordine"
    " idordine fattura numerofattura numpedido bestelnummer factuurnummer zamowienie"
    " nrzamowienia numerzamowienia ordernr ordrenummer 订单号 注文番号 订单id",
    "coupon_code": "couponcode coupon couponupc vouchercode voucher promocode promo"
    " promotioncode discountcode gutscheincode gutschein codepromo codigopromocional cupon"
    " cupón codicesconto cupom kortingscode",
    "rating": "rating ratings score stars star overall bewertung sterne note evaluation"
    " évaluation valoracion valoración puntuacion puntuación valutazione voto avaliacao"
    " avaliação nota beoordeling ocena betyg 评分 評価",
    "message_id": "messageid eventid eventuuid uuid rowid lineid orderlineid orderitemid"
    " lineitemid reviewid",
    "title": "title producttitle productname itemname itemtitle articlename movietitle"
    " booktitle lineitemname productdescription description desc name designation"
    " bezeichnung artikelbezeichnung artikelname produktname titel libelle libellé"
    " nomproduit nombreproducto nombre titulo título descripcion descripción nomeprodotto"
    " nome descrizione titolo nomeproduto descricao descrição omschrijving productnaam nazwa"
    " nazwaproduktu benamning benämning 商品名 产品名称 商品名称",
    "category": "category categorypath categoryname categorycode productcategory producttype"
    " department genre genres categories kategorie warengruppe produktgruppe categorie"
    " catégorie rayon categoria categoría reparto kategoria kategori 分类 カテゴリ",
    "brand": "brand brandname manufacturer vendor make marke hersteller marque fabricant"
    " marca fabricante produttore merk fabrikant marka producent varumarke 品牌 ブランド",
    "text": "longdescription bodyhtml body details productdetails langtext beschreibung",
    "cost": "cost costprice unitcost purchaseprice buyingprice cogs einkaufspreis ekpreis"
    " prixachat coste coutachat costo custo inkoopprijs kosztzakupu",
    "image_url": "imageurl image imagelink imagesrc picture photo bild bildurl imagen"
    " immagine imagem afbeelding",
    "stock": "stock stocklevel inventory inventoryquantity stockquantity available onhand"
    " bestand lagerbestand existencias giacenza estoque voorraad stan",
    "sellable": "sellable active enabled published isactive aktiv verfuegbar actif activo attivo",
    "name": "customername name fullname clientname contactname displayname nombrecliente"
    " nomclient kundenname nome nom naam",
    "first_name": "firstname givenname vorname prenom prénom primernombre voornaam imie",
    "last_name": "lastname surname familyname nachname nomdefamille apellido apellidos"
    " cognome achternaam nazwisko",
    "email": "email emailaddress mail customeremail contactemail correo correoelectronico"
    " courriel emailadresse",
    "phone": "phone phonenumber mobile telephone tel telefon telefono teléfono portable"
    " telefone telefoonnummer handy",
    "timezone": "timezone tz zeitzone",
    "locale": "locale language lang sprache langue idioma lingua taal",
    "marketing": "acceptsmarketing acceptsemailmarketing marketingconsent marketing optin"
    " emailoptin newsletter subscribed",
}
LEFT_OUT = "-"
"""Said instead of a column: no column holds this field, whatever their names."""
EVENT_FIELDS = words(
    "customer product kind occurred_at clock quantity unit_price amount discount currency order_id"
    " coupon_code rating message_id title category brand"
)
PRODUCT_FIELDS = words(
    "product title text category brand unit_price cost currency image_url stock sellable"
)
CUSTOMER_FIELDS = words("customer name first_name last_name email phone timezone locale marketing")
FIELDS = tuple(SYNONYMS)


class UnknownColumns(ValueError):
    """A mapping names a field or a column that is not there."""


def plain(name: str) -> str:
    """A header as it is compared: letters and digits, small, without accents."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in folded if letter.isalnum())


WORDS = {field: [plain(word) for word in words(known)] for field, known in SYNONYMS.items()}


def guess(header: Sequence[str], *, fields: Sequence[str]) -> dict[str, int]:
    """field -> column number, for the fields that a header names; each column serves once."""
    columns = [plain(name) for name in header]
    taken: dict[str, int] = {}
    for field in fields:
        for word in WORDS[field]:
            at = next((n for n, name in enumerate(columns) if name == word), None)
            if at is not None and at not in taken.values():
                taken[field] = at
                break
    return taken


def given_columns(
    mapping: Mapping[str, str], *, header: Sequence[str], width: int, name: str
) -> dict[str, int]:
    """What an operator said: `product=StockCode`, or `product=3` for the third column."""
    return {
        field_named(field): _column(column, header=header, width=width, name=name)
        for field, column in mapping.items()
        if column != LEFT_OUT
    }


def field_named(word: str) -> str:
    """`price`, `date` or `Artikelnummer` are fields by another name. Raises UnknownColumns."""
    if word in SYNONYMS:
        return word
    wanted = plain(word)
    for field, known in WORDS.items():
        if wanted in known:
            return field
    raise UnknownColumns(f"No field is called {word!r}. Known are {', '.join(FIELDS)}.")


def _column(column: str, *, header: Sequence[str], width: int, name: str) -> int:
    if column in header:
        return list(header).index(column)
    if alike := [n for n, title in enumerate(header) if plain(title) == plain(column)]:
        return alike[0]
    if re.fullmatch(r"#?\d{1,4}", column) and 1 <= (number := int(column.strip("#"))) <= width:
        return number - 1
    there = ", ".join(repr(title) for title in header) or f"numbers 1 to {width}"
    raise UnknownColumns(f"{name}: no column {column!r}. Its columns are {there}.")
