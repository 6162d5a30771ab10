package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

class TableViewTest {

    private static final String HOSTILE = "<script>alert('x')</script>&\"\u0000\uD800]]>\u202E";

    private static Table accuracies() {
        return Table.create(
                "Accuracy",
                StringColumn.create("task", "movies", "source"),
                DoubleColumn.create("f", 0.84, 0.868),
                DoubleColumn.create("phi_p", 0.84, 0.75),
                IntColumn.create("n", 600, 1900));
    }

    static Element parse(String html) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(html)))
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("Not well-formed: " + e.getMessage() + "\n" + html, e);
        }
    }

    static List<String> texts(Element root, String tag) {
        var nodes = root.getElementsByTagName(tag);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent())
                .toList();
    }

    @Test
    void numbersOfAColumnHaveEquallyManyDecimalsAndStandRight() {
        var root = parse(Html.block(TableView.of(accuracies()).toHtml()));
        assertEquals(List.of("Accuracy"), texts(root, "caption"));
        assertEquals(List.of("task", "f", "phi_p", "n", "movies", "source"), texts(root, "th"));
        assertEquals(List.of("0.840", "0.84", "600", "0.868", "0.75", "1900"), texts(root, "td"));
        var cell = (Element) root.getElementsByTagName("td").item(0);
        assertEquals("text-align: right", cell.getAttribute("style"));
        var heads = root.getElementsByTagName("th");
        assertEquals("col", ((Element) heads.item(0)).getAttribute("scope"));
        assertEquals("row", ((Element) heads.item(4)).getAttribute("scope"));
    }

    @Test
    void theBestOfEachRowIsMarkedTiesIncluded() {
        var view = TableView.of(accuracies());
        assertEquals(
                List.of("0.840", "0.84", "0.868"),
                texts(parse(Html.block(view.markLargest("f", "phi_p").toHtml())), "strong"));
        assertEquals(
                List.of("0.840", "0.84", "0.75"),
                texts(parse(Html.block(view.markSmallest("f", "phi_p").toHtml())), "strong"));
        assertEquals(List.of(), texts(parse(Html.block(view.toHtml())), "strong"));
    }

    @Test
    void textHasTheSameNumbersInColumns() {
        assertEquals("""
                Accuracy
                task         f  phi_p     n
                movies  0.840*   0.84   600
                source  0.868*   0.75  1900""", TableView.of(accuracies()).markLargest("f").toString());
    }

    @Test
    void missingAndExtremeNumbersShow() {
        var missing = DoubleColumn.create("x", Double.NaN, 2.5, Double.POSITIVE_INFINITY);
        var tiny = DoubleColumn.create("y", 1.0, 2e-7, 0);
        var table = Table.create(StringColumn.create("k", "a", "b", "c"), missing, tiny);
        var root = parse(Html.block(TableView.of(table).markLargest("x", "y").toHtml()));
        assertEquals(List.of("", "1.000e+00", "2.5", "2.000e-07", "∞", "0.000e+00"), texts(root, "td"));
        assertEquals(List.of("1.000e+00", "2.5", "∞"), texts(root, "strong"));
    }

    @Test
    void aPrintFormatterOfTheColumnIsRespected() {
        var table = accuracies();
        table.doubleColumn("f").setPrintFormatter(NumberColumnFormatter.percent(1));
        assertEquals(
                "84.0%",
                texts(parse(Html.block(TableView.of(table).toHtml())), "td").get(0));
    }

    @Test
    void longTablesAreCutWithACount() {
        var table = Table.create("long", IntColumn.indexColumn("i", 1234, 0));
        var root = parse(Html.block(TableView.of(table).toHtml()));
        assertEquals(50, root.getElementsByTagName("td").getLength());
        assertEquals(List.of("50 of 1,234 rows shown"), texts(root, "p"));
    }

    @Test
    void hostileTextIsText() {
        var table = Table.create(HOSTILE, StringColumn.create(HOSTILE, HOSTILE), StringColumn.create("b", HOSTILE));
        var html = Html.block(TableView.of(table).toHtml());
        assertFalse(html.contains("<script"), html);
        var shown =
                HOSTILE.replace('\u0000', '\uFFFD').replace('\uD800', '\uFFFD').replace("\u202E", "\\u202e");
        assertEquals(List.of(shown), texts(parse(html), "td"));
        assertEquals(List.of(shown), texts(parse(html), "caption"));
    }

    @Test
    void emptyTablesAndWrongColumns() {
        assertEquals(
                0,
                parse(Html.block(TableView.of(Table.create("none")).toHtml()))
                        .getElementsByTagName("td")
                        .getLength());
        var error = assertThrows(
                IllegalArgumentException.class, () -> TableView.of(accuracies()).markLargest("task"));
        assertTrue(error.getMessage().contains("No numeric column task"), error.getMessage());
    }
}
