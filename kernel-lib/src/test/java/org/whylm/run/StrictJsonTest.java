package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a message says of JSON that is none: the file, the place, the reason, and no advice for programmers. */
class StrictJsonTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"a": nan}      | a.json is not JSON, $.a: malformed at line 1 column 7
                    {"a": 1         | a.json is not JSON, $.a: End of input at line 1 column 8
                    {"a": 1} 2      | a.json is not JSON, $: malformed at line 1 column 11
                    {"a": 1, "a": 2}| a.json, $.a: the key "a" appears twice
                    """)
    void saysWhereAndWhy(String text, String message) {
        var failure =
                assertThrows(IllegalArgumentException.class, () -> StrictJson.parse(text.strip(), Path.of("a.json")));
        assertEquals(message, failure.getMessage());
    }
}
