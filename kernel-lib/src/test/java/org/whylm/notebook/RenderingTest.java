package org.whylm.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.channels.ShellReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.DisplayStream;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChartBuilder;
import org.w3c.dom.Element;
import org.whylm.features.NextWords;
import org.whylm.report.Figure;
import org.whylm.report.ResultTable;
import org.whylm.report.Run;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.statistics.Statistic;
import org.xml.sax.InputSource;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** What JJava's own renderer makes of our objects and of those of Tablesaw and XChart. */
class RenderingTest {

    private final Renderer renderer = new Renderer();

    private DisplayData render(Object value) {
        ShownValues.register(renderer, new DisplayStream());
        return renderer.render(value);
    }

    private static Element parse(Object html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader((String) html)))
                .getDocumentElement();
    }

    private static List<String> texts(Element root, String tag) {
        var nodes = root.getElementsByTagName(tag);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent())
                .toList();
    }

    private static Table table() {
        return Table.create("t", StringColumn.create("task", "a"), DoubleColumn.create("x", 1.5));
    }

    @Test
    void tablesAreHtmlAndText() throws Exception {
        for (var value : new Object[] {table(), ResultTable.of("t", table())}) {
            var data = render(value);
            assertEquals(List.of("1.5"), texts(parse(data.getData(MIMEType.TEXT_HTML)), "td"));
            assertTrue(((String) data.getData(MIMEType.TEXT_PLAIN)).contains("1.5"));
        }
    }

    @Test
    void chartsAreVectorsPixelsAndText() throws Exception {
        var chart = new XYChartBuilder().width(200).height(100).title("T").build();
        chart.addSeries("s", new double[] {1, 2}, new double[] {1, 2});
        for (var value : new Object[] {chart, new Figure("c", chart)}) {
            var data = render(value);
            assertEquals("svg", parse(data.getData(MIMEType.IMAGE_SVG)).getTagName());
            assertEquals(400, pixels(data.getData(MIMEType.IMAGE_PNG)));
            assertFalse(((String) data.getData(MIMEType.TEXT_PLAIN)).contains("@"));
        }
    }

    private record Sizes(int texts, double rate, List<String> tasks, float[][] f) {}

    @Test
    void recordsAndNumbersAreAFewRows() throws Exception {
        var sizes = new Sizes(2000, 1e-4, List.of("movies", "source"), new float[7][576]);
        var data = render(sizes);
        var root = parse(data.getData(MIMEType.TEXT_HTML));
        assertEquals(List.of("texts", "rate", "tasks", "f"), texts(root, "th"));
        assertEquals(List.of("2000", "1.000e-04", "movies, source", "float, 7×576"), texts(root, "td"));

        data = render(new double[][] {{1, 2.5}, {3, -1e-7}});
        root = parse(data.getData(MIMEType.TEXT_HTML));
        assertEquals(List.of("double, 2×2"), texts(root, "caption"));
        assertEquals(List.of("1", "2.500e+00", "3", "-1.000e-07"), texts(root, "td"));
        assertEquals("double, 2×2\n0  1  2.500e+00\n1  3  -1.000e-07", data.getData(MIMEType.TEXT_PLAIN));

        data = render(new double[][] {{0.25, 12}, {2e-5, 7}, {Double.NaN, 1}});
        assertEquals(
                "double, 3×2\n0  2.500e-01  12\n1  2.000e-05  7\n2  NaN  1",
                data.getData(MIMEType.TEXT_PLAIN),
                "one format a column");

        assertEquals(
                "float, 9 numbers\n0  0  0  0  0  0  …", render(new float[9]).getData(MIMEType.TEXT_PLAIN));
    }

    @Test
    void aProfileIsATableOfItsSettings() throws Exception {
        var settings = JsonParser.parseString("""
                {"completion": {"tasks": ["movies", "source"], "byScript": ["movies"]},
                 "fineTuning": {"tasks": [{"task": "movies", "train": 400}], "prompted": []}}""");
        var profile = new Profile("small", "tiny", 7, 20, Integer.MAX_VALUE, 2, settings.getAsJsonObject());
        var root = parse(render(profile).getData(MIMEType.TEXT_HTML));
        assertEquals(
                List.of(
                        "name",
                        "model",
                        "seed",
                        "trainLimit",
                        "testLimit",
                        "trainingDraws",
                        "completion",
                        "fineTuning"),
                texts(root, "th"));
        assertEquals(
                List.of(
                        "small",
                        "tiny",
                        "7",
                        "20",
                        "all",
                        "2",
                        "tasks (movies, source), byScript movies",
                        "tasks (task movies, train 400), prompted none"),
                texts(root, "td"));
    }

    private static int pixels(Object base64) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode((String) base64)))
                .getWidth();
    }

    @Test
    void nextWordsAreBarsInProportion() throws Exception {
        var next = new NextWords(
                "<s>", List.of(new NextWords.Word(1, " good", 0.4), new NextWords.Word(2, "</td>\n", 1e-5)));
        var data = render(next);
        var root = parse(data.getData(MIMEType.TEXT_HTML));
        assertEquals(List.of("Next words after “<s>”"), texts(root, "caption"));
        assertTrue(texts(root, "th").containsAll(List.of("␣good", "</td>⏎")));
        assertTrue(((String) data.getData(MIMEType.TEXT_HTML)).contains("width: 0.0%"));
        assertEquals(
                "Next words after \"<s>\"\n0.400000  \" good\"\n0.000010  \"</td>\n\"",
                ((String) data.getData(MIMEType.TEXT_PLAIN)).replace("\r", ""));
    }

    @Test
    void findingsAndProvenanceAreTables() throws Exception {
        var findings = Run.start("01-sentence-completion").claims();
        findings.decide("prompt-helps-f", "movies", Statistic.between(0.2, 0.1, 0.3));
        findings.decide("prompt-helps-f", "source", Statistic.between(0.2, -0.1, 0.3));
        var root = parse(render(findings).getData(MIMEType.TEXT_HTML));
        assertEquals(List.of("✓ held", "? undecided"), texts(root, "strong"));
        assertTrue(texts(root, "details").stream()
                .anyMatch(text -> text.startsWith("not tested on 4") && text.contains("movies-fine: ")));

        var provenance = Provenance.start(Profile.load("quick")).withModel("m<1>", "ab");
        root = parse(render(provenance).getData(MIMEType.TEXT_HTML));
        assertTrue(texts(root, "th").contains("model m<1>"));
        assertFalse(provenance.toString().contains(provenance.started()), "no times in a notebook");
    }

    /** A kernel's stream that keeps what is shown: whether it is new or in place of another, and the text. */
    private static final class Published extends DisplayStream {
        final List<String> texts = new ArrayList<>();
        final List<String> ids = new ArrayList<>();

        @Override
        public void display(DisplayData data) {
            keep("display ", data);
        }

        @Override
        public void updateDisplay(DisplayData data) {
            keep("update ", data);
        }

        void startCell() {
            setEnv(new ShellReplyEnvironment(null, null, null, null) {});
            texts.clear();
            ids.clear();
        }

        private void keep(String how, DisplayData data) {
            texts.add(how + data.getData(MIMEType.TEXT_PLAIN));
            ids.add(data.getDisplayId());
        }
    }

    /** In a notebook the line is one output, updated in place, and what remains of it has no times. */
    @Test
    void progressIsOneOutputThatIsUpdated() {
        var published = new Published();
        var displays = KernelProgress.on(published);
        var display = displays.get();
        display.show("a: 1/2, 5 s left", 0.5);
        display.show("a: 2/2", 1);
        display.finish("a: 2 units", Duration.ofSeconds(7));
        assertEquals(List.of("display a: 1/2, 5 s left", "update a: 2/2", "update a: 2 units"), published.texts);
        assertEquals(1, published.ids.stream().distinct().count());

        displays.get().finish("soon done", Duration.ofSeconds(1));
        displays.get().finish("b: 3 units", Duration.ofSeconds(3));
        assertEquals("display b: 3 units", published.texts.get(3));
        assertEquals(4, published.texts.size());
    }

    @Test
    void worksOfOneCellShareAnOutput() {
        var published = new Published();
        var displays = KernelProgress.on(published);
        for (int run = 0; run < 2; run++) {
            published.startCell();
            for (var what : List.of("a: 2 units", "b: 1/1", "a: 2 units", "soon done")) {
                var display = displays.get();
                if (what.startsWith("b")) {
                    display.show(what, 1);
                }
                display.finish(what, Duration.ofSeconds(what.startsWith("a") ? 2 : 0));
            }
            assertEquals(
                    List.of(
                            "display a: 2 units",
                            "update a: 2 units\nb: 1/1",
                            "update a: 2 units\nb: 1/1",
                            "update a: 2 units, 2 times\nb: 1/1"),
                    published.texts);
            assertEquals(1, published.ids.stream().distinct().count());
        }
    }

    @Test
    void theKernelFindsTheExtensions() {
        var names = ServiceLoader.load(Extension.class).stream()
                .map(provider -> provider.type().getSimpleName())
                .toList();
        assertEquals(List.of("WhylmExtension", "JavadocExtension"), names);
    }
}
