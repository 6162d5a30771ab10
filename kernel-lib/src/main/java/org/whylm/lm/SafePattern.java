package org.whylm.lm;

import java.util.Optional;

/**
 * A regular expression of a tokenizer, as far as Hugging Face's native library can be trusted with it: a search that takes too many steps
 * or groups nested too deeply end the process there. A group may be optional but not repeated, nothing refers back to a group; the
 * patterns of the models that are known here, one character or class after the other, do neither.
 */
final class SafePattern {

    private static final int DEPTH = 32;
    private static final int LONGEST = 1 << 20;

    private final String regex;
    private int at;
    private int depth;

    /** Whether a branch of the whole pattern has had a character that cannot be left out, and whether each before it had. */
    private boolean consumes;

    private boolean allConsume = true;

    private SafePattern(String regex) {
        this.regex = regex;
    }

    /** What speaks against it. */
    static Optional<String> problem(String regex) {
        return Optional.ofNullable(new SafePattern(regex).scan());
    }

    /** Whether every match has a character: the library fails where a replacement takes the place of none. */
    static boolean consumes(String regex) {
        var pattern = new SafePattern(regex);
        return pattern.scan() == null && pattern.allConsume && pattern.consumes;
    }

    private String scan() {
        if (regex.length() > LONGEST) {
            return "it has " + regex.length() + " characters";
        }
        while (at < regex.length()) {
            char c = regex.charAt(at);
            boolean isGroup = c == ')';
            boolean isCharacter = false;
            switch (c) {
                case '(' -> depth++;
                case ')' -> depth--;
                case '|' -> {
                    allConsume &= depth > 0 || consumes;
                    consumes &= depth > 0;
                }
                case '\\' -> {
                    at++;
                    char escaped = at < regex.length() ? regex.charAt(at) : 'g';
                    if (escaped == 'g' || escaped == 'k' || escaped >= '1' && escaped <= '9') {
                        return "it refers back to a group";
                    }
                    boolean hasName = at + 1 < regex.length() && regex.charAt(at + 1) == '{';
                    if ("pPxuo".indexOf(escaped) >= 0 && hasName) {
                        at = closing('}');
                    }
                    isCharacter = "bBAzZGKQE".indexOf(escaped) < 0;
                }
                case '[' -> {
                    skipClass();
                    isCharacter = true;
                }
                default -> isCharacter = c != '^' && c != '$';
            }
            at++;
            if (depth > DEPTH) {
                return "its groups are nested";
            }
            if (c == '(' && at < regex.length() && regex.charAt(at) == '?') {
                at = prefixed();
                continue;
            }
            var repeat = quantifier();
            if (isGroup && !repeat.isEmpty() && repeat.charAt(0) != '?') {
                return "it repeats a group";
            }
            if (!repeat.isEmpty() && at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
                return "it repeats a repetition";
            }
            boolean isOptional = repeat.startsWith("?") || repeat.startsWith("*") || repeat.startsWith("{0");
            consumes |= depth == 0 && isCharacter && !isOptional;
        }
        return null;
    }

    /** Behind what makes a group a look-ahead, a name, an option and so on. */
    private int prefixed() {
        int end = at + 1;
        while (end < regex.length() && ":=!>)".indexOf(regex.charAt(end)) < 0) {
            end++;
        }
        return end < regex.length() && regex.charAt(end) == ')' ? end : Math.min(regex.length(), end + 1);
    }

    /** Reads how often the last element may stand: {@code *}, {@code {2,3}}, {@code +?} and so on; empty for once. */
    private String quantifier() {
        int start = at;
        if (at < regex.length() && "*+?".indexOf(regex.charAt(at)) >= 0) {
            at++;
            at += at < regex.length() && "+?".indexOf(regex.charAt(at)) >= 0 ? 1 : 0;
        } else if (at < regex.length() && regex.charAt(at) == '{') {
            at = closing('}') + 1;
            boolean isLast = at + 1 >= regex.length() || regex.charAt(at + 1) == '|';
            at += at < regex.length() && (regex.charAt(at) == '?' || regex.charAt(at) == '+' && isLast) ? 1 : 0;
        }
        return regex.substring(start, Math.min(at, regex.length()));
    }

    private int closing(char bracket) {
        int end = regex.indexOf(bracket, at);
        return end < 0 ? regex.length() - 1 : end;
    }

    /** To the bracket that closes the class whose bracket is here; classes may have classes in them. */
    private void skipClass() {
        int open = 0;
        do {
            switch (regex.charAt(at)) {
                case '[' -> open++;
                case ']' -> open--;
                case '\\' -> at++;
                default -> {
                    // a character of the class
                }
            }
            at++;
        } while (open > 0 && at < regex.length());
        at--;
    }
}
