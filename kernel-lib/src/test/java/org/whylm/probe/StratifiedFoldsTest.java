package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against scikit-learn's {@code StratifiedKFold}; {@code fixtures/stratified-folds.py} wrote its assignments. */
class StratifiedFoldsTest {

    record Oracle(List<Case> cases) {}

    record Case(String name, int folds, int[] labels, int[] assignment) {}

    static Stream<Case> cases() throws IOException {
        try (var json = new InputStreamReader(
                StratifiedFoldsTest.class.getResourceAsStream("/fixtures/stratified-folds.json"),
                StandardCharsets.UTF_8)) {
            return new Gson().fromJson(json, Oracle.class).cases().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void assignmentIsScikitLearns(Case oracle) {
        int classes = Arrays.stream(oracle.labels()).max().orElseThrow() + 1;
        assertArrayEquals(oracle.assignment(), StratifiedFolds.assign(oracle.labels(), classes, oracle.folds()));
    }
}
