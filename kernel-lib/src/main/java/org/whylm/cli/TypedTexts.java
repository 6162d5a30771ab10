package org.whylm.cli;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Texts of a command line: as typed, except that {@code -} stands for the lines of standard input that are not blank, in UTF-8. */
final class TypedTexts {

    private TypedTexts() {}

    static List<String> of(List<String> arguments, InputStream standardInput) {
        return arguments.stream()
                .flatMap(text -> text.equals("-") ? lines(standardInput) : Stream.of(text))
                .toList();
    }

    private static Stream<String> lines(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                .lines()
                .filter(line -> !line.isBlank());
    }
}
