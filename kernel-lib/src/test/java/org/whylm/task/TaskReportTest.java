package org.whylm.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.data.DataException;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.task.Recommendation.Says;

/** The whole report with a tiny model, on made-up tasks whose answers are known. */
class TaskReportTest {

    private static final String MODEL = "src/test/resources/fixtures/tiny-gpt2";
    private static final String[] COMMON =
            "the a an this its any some film story it was had of to in on with and but for from by as at".split(" ");

    @TempDir
    private static Path folder;

    private static LanguageModel model;
    private static FeatureExtractor extractor;

    @BeforeAll
    static void load() {
        model = LanguageModels.load(MODEL);
        extractor = new FeatureExtractor(model, new FeatureStore(folder.resolve("store")), 60);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String text(Random random, String favoured) {
        var words = favoured.split(" ");
        return IntStream.range(0, 8 + random.nextInt(6))
                .mapToObj(i -> favoured.isEmpty() || random.nextInt(3) > 0
                        ? COMMON[random.nextInt(COMMON.length)]
                        : words[random.nextInt(words.length)])
                .collect(Collectors.joining(" "));
    }

    private static TextDataset data(String name, int texts, String... favoured) {
        var random = new Random(name.hashCode());
        var examples = new ArrayList<Example>();
        for (int i = 0; i < texts; i++) {
            int label = i % favoured.length;
            examples.add(new Example(text(random, favoured[label]), label));
        }
        var classes = IntStream.range(0, favoured.length)
                .mapToObj(k -> "class " + (char) ('a' + k))
                .toList();
        return new TextDataset(name, classes, examples, List.of());
    }

    private static TaskReport report(TaskData task) {
        return TaskReport.of(task, List.of(" It was"), extractor, 5, 1);
    }

    private static Says learnable(TaskReport report) {
        return report.recommendation().answers().get(0).says();
    }

    @Test
    void wordsOfTheirOwnAreFoundByCountingThem() {
        var report = report(TaskData.of(data("easy", 300, "dull sad slow bad", "fine warm great bright"), false));
        assertEquals(Says.YES, learnable(report));
        assertEquals(Says.NO, report.recommendation().answers().get(1).says(), "no language model is needed");
        var solutions = report.measured().orElseThrow().solutions();
        assertTrue(solutions.results().column("TF-IDF").orElseThrow().accuracy().value() > 0.85);
    }

    @Test
    void parityOfTheNumberOfWordsAndShuffledLabelsAreNotNatural() {
        var random = new Random(9);
        var parity = data("parity", 200, "", "").train().stream()
                .map(example -> new Example(example.text(), example.text().split(" ").length % 2))
                .toList();
        var shuffled = data("shuffled", 200, "dull sad slow bad", "fine warm great bright").train().stream()
                .map(example -> new Example(example.text(), random.nextInt(2)))
                .toList();
        for (var examples : List.of(parity, shuffled)) {
            var report =
                    report(TaskData.of(new TextDataset("nothing", List.of("odd", "even"), examples, List.of()), false));
            assertFalse(learnable(report) == Says.YES, report.recommendation().toString());
            assertTrue(
                    report.recommendation().headline().matches("(Nothing tried is above chance|It cannot be said).*"));
            assertTrue(page(report)
                    .matches(
                            "(?s).*(the task is not natural|Nothing shows that the task is natural) for this model.*"));
        }
    }

    @Test
    void leakedTestTextsAreFlaggedAndLeftOut() {
        var all = data("leaked", 240, "dull sad slow bad", "fine warm great bright")
                .train();
        var test = new ArrayList<>(all.subList(200, 240));
        all.subList(0, 30)
                .forEach(example -> test.add(new Example(example.text().toUpperCase(), example.label())));
        all.subList(30, 40).forEach(example -> test.add(new Example(example.text() + " so", example.label())));
        var task = TaskData.of(new TextDataset("leaked", List.of("a", "b"), all.subList(0, 200), test), true);
        assertEquals(30, task.duplicates().equal());
        assertTrue(task.duplicates().near() >= 10);
        var report = report(task);
        assertTrue(report.recommendation().warnings().get(0).startsWith("The test set leaks: "));
        int unseen = task.unseen().length;
        assertEquals(
                unseen,
                report.measured().orElseThrow().solutions().results().chance().correct().length);
    }

    @Test
    void thirtyTextsSayThatTheySayLittle() {
        var report = report(TaskData.of(data("thirty", 30, "dull sad", "fine warm"), false));
        assertTrue(report.recommendation().warnings().stream().anyMatch(it -> it.contains("fewer than 20 test texts")));
        assertFalse(report.recommendation().headline().contains("is natural"));
    }

    @Test
    void labelsThatMayBeMeantAsOneAreSaid() {
        var labels = List.of(
                "1", "1.0", "C", "C#", "Pos", "c", "caf\u00e9", "cafe\u0301", "po\u200bs", "two  words", "two words");
        var examples = IntStream.range(0, 110)
                .mapToObj(i -> new Example("film " + i, i % labels.size()))
                .toList();
        var task = TaskData.of(new TextDataset("alike", labels, examples, List.of()), false);
        assertEquals(
                List.of(
                        List.of("1", "1.0"),
                        List.of("C", "c"),
                        List.of("caf\u00e9", "cafe\u0301"),
                        List.of("Pos", "po\u200bs"),
                        List.of("two  words", "two words")),
                task.alike());
        var nothing = Recommendation.nothing(task, "");
        assertTrue(nothing.warnings()
                .contains("“1”, “1.0” are different labels: if they are one class, write them alike."));
    }

    @Test
    void twentyClassesAndARareOneRun() {
        var favoured = IntStream.range(0, 20)
                .mapToObj(k -> IntStream.range(0, 3)
                        .mapToObj(j -> "word" + (char) ('a' + k) + j)
                        .collect(Collectors.joining(" ")))
                .toArray(String[]::new);
        var twenty = report(TaskData.of(data("twenty", 120, favoured), false));
        assertEquals(Says.YES, learnable(twenty));

        var rare = data("rare", 300, "dull sad slow", "dull sad slow").train().stream()
                .map(example -> new Example(example.text(), 0))
                .collect(Collectors.toCollection(ArrayList::new));
        IntStream.range(0, 20).forEach(i -> rare.set(15 * i, new Example(text(new Random(i), "fine warm great"), 1)));
        var report = report(TaskData.of(new TextDataset("rare", List.of("often", "seldom"), rare, List.of()), false));
        assertTrue(report.recommendation().warnings().stream().anyMatch(it -> it.contains("accuracy says little")));
        assertEquals(
                0.5,
                report.measured()
                        .orElseThrow()
                        .solutions()
                        .results()
                        .chance()
                        .balancedAccuracy()
                        .value(),
                1e-9);
    }

    @Test
    void classesWithTooFewTextsAreNamedAndOneClassIsNoTask() {
        var examples = new ArrayList<>(data("few", 60, "dull sad", "fine warm").train());
        examples.add(new Example("a lone text", 2));
        var task = TaskData.of(new TextDataset("few", List.of("a", "b", "c"), examples, List.of()), false);
        assertEquals(List.of("c"), task.leftOut());
        assertEquals(2, task.classes());

        var alone = TaskData.of(
                new TextDataset("alone", List.of("a", "b"), examples.subList(0, 2), examples.subList(2, 4)), true);
        var report = report(alone);
        assertTrue(report.measured().isEmpty());
        assertTrue(report.recommendation().headline().startsWith("Nothing can be said about this task yet"));
    }

    /** Most training texts are of a class of which no test text is: nothing can be ranked against it, which is said before all is computed. */
    @Test
    void withoutTestTextsOfTheFrequentClassNothingCanBeRanked() throws Exception {
        var all = data("ranked", 300, "dull sad slow", "fine warm great", "goal match team")
                .train();
        var train = IntStream.range(0, 240)
                .mapToObj(i -> new Example(all.get(i).text(), i % 3 > 0 && i < 60 ? i % 3 : 0))
                .toList();
        var test = all.subList(240, 300).stream()
                .filter(example -> example.label() > 0)
                .toList();
        var classes = List.of("a", "b", "c");
        var report = report(TaskData.of(new TextDataset("ranked", classes, train, test), true));
        assertTrue(report.measured().isEmpty());
        assertTrue(
                report.recommendation().because().contains("no test text is of “a”"),
                report.recommendation().because());

        var out = folder.resolve("once");
        var before = report(TaskData.of(data("once", 100, "dull sad slow", "fine warm great"), false));
        before.write(out, MODEL, model.sha256(), 1, Provenance.start(Profile.current()));
        assertTrue(Files.exists(out.resolve("probe/probe.json")));
        Files.writeString(out.resolve("mine.csv"), "of the user");
        report.write(out, MODEL, model.sha256(), 1, Provenance.start(Profile.current()));
        for (var gone : List.of("probe/probe.json", "words/probe.json", "what-solves-it.csv", "predictions.csv")) {
            assertFalse(Files.exists(out.resolve(gone)), gone + " is of other data than the page");
        }
        assertTrue(Files.exists(out.resolve("mine.csv")) && Files.exists(out.resolve("glance.csv")));
    }

    /** Each training text nine times more: what half of the distinct texts teach is asked, and prompts are tried on each text once. */
    @Test
    void copiesOfATextAreDrawnTogetherAndTriedOnce() {
        var once = data("copies", 60, "dull sad slow bad", "fine warm great bright")
                .train();
        var train = IntStream.range(0, 400)
                .mapToObj(i -> new Example(
                        once.get(i % 40).text() + " ".repeat(i / 40),
                        once.get(i % 40).label()))
                .toList();
        var task = TaskData.of(new TextDataset("copies", List.of("a", "b"), train, once.subList(40, 60)), true);
        assertEquals(360, task.duplicates().repeatedInTraining());
        var texts = Arrays.stream(LearningCurves.draw(task, 200, new Random(1)))
                .mapToObj(row -> train.get(row).text().strip())
                .distinct()
                .count();
        assertEquals(20, texts, 2, "half of forty; two of each class come first");
        assertEquals(40, PromptChoice.of(task, List.of(), extractor, 1).texts());
    }

    /** The same texts, their classes in turn or one after the other: the same halves, and so the same losses that B is chosen by. */
    @Test
    void howNaturalATaskIsDoesNotDependOnTheOrderOfItsRows() {
        var inTurn = data("order", 200, "dull sad slow bad", "fine warm great bright")
                .train();
        var sorted = new ArrayList<>(inTurn.subList(0, 160));
        sorted.sort(Comparator.comparing(Example::label));
        var losses = Stream.of(inTurn.subList(0, 160), sorted)
                .map(train ->
                        TaskData.of(new TextDataset("order", List.of("a", "b"), train, inTurn.subList(160, 200)), true))
                .map(task -> Frontier.of(Solutions.of(task, "", extractor, 2, 1), 1).curve(Frontier.WORDS).stream()
                        .mapToDouble(Frontier.Point::validation)
                        .toArray())
                .toList();
        assertArrayEquals(losses.get(0), losses.get(1), 1e-3);
    }

    /** Of “good” and “not good” the word good stands for neither; of “good film” and “story film” good and story do. */
    @Test
    void aWordOfTwoClassesStandsForNone() {
        var data = data("named", 60, "dull sad slow", "fine warm great");
        for (var names : List.of(List.of("not good", "good"), List.of("story film", "good film"))) {
            var task = TaskData.of(new TextDataset("named", names, data.train(), List.of()), false);
            var solutions = Solutions.of(task, "", extractor, 2, 1);
            assertEquals(names.contains("good"), solutions.zeroShot().isEmpty(), names.toString());
            assertEquals(
                    names.contains("good"),
                    solutions.given().lacking().getOrDefault("zero-shot", "").contains("in no other's"));
        }
    }

    @Test
    void textsOfWhichTheModelReadsTheBeginningOnlyAreSaid() {
        var examples = new ArrayList<>(data("long", 60, "dull sad", "fine warm").train());
        examples.set(3, new Example("film ".repeat(600), 1));
        var task = TaskData.of(new TextDataset("long", List.of("a", "b"), examples, List.of()), false);
        var said = "1 of 60 texts are longer than the ";
        assertTrue(new Glance(task, model).warnings().stream().anyMatch(it -> it.startsWith(said)));
        var whole = TaskData.of(data("long", 60, "dull sad", "fine warm"), false);
        assertTrue(new Glance(whole, model).warnings().stream().noneMatch(it -> it.contains("are longer than")));
    }

    private static String page(TaskReport report) {
        var scores = report.measured().map(it -> Scores.of(it.solutions(), 1));
        return TaskPage.html(report, scores, Provenance.start(Profile.current()));
    }

    @Test
    void textOfDataIsTextOnThePage() {
        var random = new Random(4);
        var examples = IntStream.range(0, 120)
                .mapToObj(i -> new Example(
                        "<script>alert(" + i + ")</script> $x^2$ \\(y\\) & \u202e \u001b[31m "
                                + text(random, i % 2 == 0 ? "dull" : "fine"),
                        i % 2))
                .toList();
        var data = new TextDataset("<b>mine</b>", List.of("<i>a</i>", "b & \"c\""), examples, List.of());
        var page = page(report(TaskData.of(data, false)));
        assertFalse(page.contains("<script"), "no script, of ours or of the data");
        assertFalse(page.contains("<i>a</i>") || page.contains("<b>mine</b>"));
        assertTrue(page.contains("&lt;script&gt;alert("));
        assertFalse(page.replace("http://www.w3.org/2000/svg", "").matches("(?s).*(src|href)=\"(?!data:|#).*"));
        assertTrue(page.contains("mathjax_ignore"));
        assertTrue(page.chars().noneMatch(c -> c == 0x202e || c == 0x1b), "marks that turn text or a terminal");
    }

    @Test
    void aKeptProbePredictsAsTheReportDidAndIsRefusedWhenItWasChanged() throws Exception {
        var task =
                TaskData.of(data("kept", 200, "dull sad slow bad", "fine warm great bright", "goal match team"), false);
        var report = report(task);
        var out = folder.resolve("out");
        report.write(out, MODEL, model.sha256(), 1, Provenance.start(Profile.current()));
        var solutions = report.measured().orElseThrow().solutions();
        for (var name : List.of("probe", "words")) {
            var kept = KeptProbe.read(out.resolve(name));
            var expected = solutions.given().result(kept.features(), solutions.prompted());
            var predicted = kept.predict(task.testTexts(), extractor).stream()
                    .map(it -> task.data().classes().indexOf(it.label()))
                    .toList();
            assertEquals(
                    IntStream.of(expected.splits().get(0).runs().get(0)).boxed().toList(), predicted);
        }
        var kept = KeptProbe.read(out.resolve("words"));
        var decided = kept.contributions(task.testTexts().get(0), extractor);
        double score = decided.constant()
                + decided.words().stream()
                        .mapToDouble(Contributions.Word::contribution)
                        .sum();
        assertTrue(score > 0, "what decided is ahead of the runner-up");
        assertThrows(IllegalArgumentException.class, () -> kept.requireModel("another"));

        var file = out.resolve("words/probe.json");
        var content = Files.readString(file);
        Files.writeString(file, content.replaceFirst("\"class a\"", "\"class x\""));
        var refused = assertThrows(IllegalArgumentException.class, () -> KeptProbe.read(out.resolve("words")));
        assertTrue(refused.getMessage().contains("was changed or damaged"), refused.getMessage());
        Files.writeString(file, content);
        assertArrayEquals(kept.weights(), KeptProbe.read(out.resolve("words")).weights());
        Files.delete(out.resolve("words/probe.json.sha256"));
        assertThrows(IllegalArgumentException.class, () -> KeptProbe.read(out.resolve("words")));

        for (var table : List.of(
                "glance", "recommendation", "what-solves-it", "prompts", "learning-curves", "naturalness", "words")) {
            assertTrue(Files.isRegularFile(out.resolve(table + ".csv")), table);
            assertTrue(Files.isRegularFile(out.resolve(table + ".provenance.json")), table);
        }
        assertFalse(Files.readString(out.resolve("predictions.csv"))
                .contains(task.testTexts().get(0)));
    }

    @Test
    void moreThanTwentyLabelsAreProbablyNoClasses() throws Exception {
        var csv = folder.resolve("numbers.csv");
        Files.writeString(
                csv,
                "label,text\n"
                        + IntStream.range(0, 40).mapToObj(i -> i + ",text " + i).collect(Collectors.joining("\n"))
                        + "\n");
        assertTrue(assertThrows(DataException.class, () -> TaskData.read(csv, Optional.empty()))
                .getMessage()
                .contains("at most 20 classes"));
    }
}
