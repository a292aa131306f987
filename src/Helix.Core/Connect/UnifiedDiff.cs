using System.Text;

namespace Helix.Core.Connect;

/// <summary>What differs between two texts, as <c>diff -u</c> writes it.</summary>
internal static class UnifiedDiff
{
    /// <summary>Lines shown around a change.</summary>
    private const int Context = 3;

    /// <summary>Beyond so many pairs of lines, the fewest that go and come are not looked for.</summary>
    private const long MostPairs = 4_000_000;

    /// <param name="from">Null where there is no file before.</param>
    /// <param name="to">Null where there is none afterwards.</param>
    /// <returns>Empty where both are the same.</returns>
    public static string Of(string? from, string? to, string name)
    {
        if (from == to) return "";
        var steps = Steps(Lines(from), Lines(to));
        var text = new StringBuilder($"--- {(from is null ? "/dev/null" : name)}\n+++ {(to is null ? "/dev/null" : name)}\n");
        for (var at = 0; at < steps.Count;)
        {
            var first = steps.FindIndex(at, step => step.Kind != ' ');
            if (first < 0) break;
            var last = first;
            for (var next = first + 1; next < steps.Count && next - last <= 2 * Context; next++)
            {
                if (steps[next].Kind != ' ') last = next;
            }

            var begin = Math.Max(first - Context, at);
            at = Math.Min(last + Context + 1, steps.Count);
            var before = steps.GetRange(0, begin);
            var hunk = steps.GetRange(begin, at - begin);
            text.Append($"@@ -{Span(before, hunk, '+')} +{Span(before, hunk, '-')} @@\n");
            foreach (var (kind, line) in hunk) text.Append(kind).Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Where a hunk begins on one side, and how many lines it has there.</summary>
    /// <param name="other">What only the other side has.</param>
    private static string Span(List<(char Kind, string Line)> before, List<(char Kind, string Line)> hunk, char other)
    {
        var (start, count) = (before.Count(step => step.Kind != other), hunk.Count(step => step.Kind != other));
        return count == 1 ? $"{start + 1}" : $"{(count == 0 ? start : start + 1)},{count}";
    }

    /// <summary>The fewest lines that go and come.</summary>
    private static List<(char Kind, string Line)> Steps(string[] old, string[] now)
    {
        var shorter = Math.Min(old.Length, now.Length);
        var head = 0;
        while (head < shorter && old[head] == now[head]) head++;
        var tail = 0;
        while (tail < shorter - head && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        var (rows, columns) = (old.Length - head - tail, now.Length - head - tail);

        if ((long)rows * columns > MostPairs)
            return [.. old.Take(head).Select(line => (' ', line)), .. old.Skip(head).Take(rows).Select(line => ('-', line)), .. now.Skip(head).Take(columns).Select(line => ('+', line)), .. old.Skip(head + rows).Select(line => (' ', line))];

        // how many lines the rests behind each two lines have in common
        var common = new int[rows + 1, columns + 1];
        for (var i = rows - 1; i >= 0; i--)
        {
            for (var j = columns - 1; j >= 0; j--)
                common[i, j] = old[head + i] == now[head + j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var steps = old.Take(head).Select(line => (' ', line)).ToList();
        for (int i = 0, j = 0; i < rows || j < columns;)
        {
            if (i < rows && j < columns && old[head + i] == now[head + j])
            {
                steps.Add((' ', old[head + i++]));
                j++;
            }
            else if (i < rows && (j == columns || common[i + 1, j] >= common[i, j + 1]))
            {
                steps.Add(('-', old[head + i++]));
            }
            else
            {
                steps.Add(('+', now[head + j++]));
            }
        }

        steps.AddRange(old.Skip(old.Length - tail).Select(line => (' ', line)));
        return steps;
    }

    private static string[] Lines(string? text)
    {
        if (string.IsNullOrEmpty(text)) return [];
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        if (lines[^1].Length == 0) return lines[..^1];
        lines[^1] += "\n\\ No newline at end of file";
        return lines;
    }
}
