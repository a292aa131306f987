using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Install;

/// <summary>Every file of a folder with its digest, and every link with what it leads to.</summary>
/// <param name="Marks">By the path below the folder; see <see cref="MarkOf"/> and <see cref="LinkTo"/>.</param>
internal sealed record FileList(ImmutableSortedDictionary<string, string> Marks)
{
    private const string Link = "->";
    private const char Program = '*';
    private static readonly string[] s_programs = [".so", ".dylib", ".dll", ".py", ".pth", ".js", ".mjs", ".cjs", ".node", ".jar", ".sh", ".exe"];

    public static FileList Of(IEnumerable<KeyValuePair<string, string>> marks) => new(marks.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <param name="sha256">In lower-case hexadecimal.</param>
    public static string MarkOf(string sha256, bool isExecutable) => isExecutable ? sha256 + Program : sha256;

    public static string LinkTo(string target) => Link + target;

    /// <summary>One line for each: mark, tab, path.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var (path, mark) in Marks) text.Append(Escaped(mark)).Append('\t').Append(Escaped(path)).Append('\n');
        return text.ToString();
    }

    /// <summary>Null where the text is none, or was cut off.</summary>
    public static FileList? Parse(string text)
    {
        if (text.Length == 0 || text[^1] != '\n') return null;
        var marks = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.Split('\t') is not [{ Length: > 0 } mark, { Length: > 0 } path]) return null;
            marks[Plain(path)] = Plain(mark);
        }

        return new(marks.ToImmutable());
    }

    public FileList Without(string path) => new(Marks.Remove(path));

    /// <summary>What is not as it was.</summary>
    public FileChanges To(FileList now) => new(
        [.. Marks.Where(was => now.Marks.TryGetValue(was.Key, out var mark) && mark != was.Value).Select(was => was.Key)],
        [.. Marks.Keys.Where(path => !now.Marks.ContainsKey(path))],
        [.. now.Marks.Where(its => !Marks.ContainsKey(its.Key) && IsProgram(its.Key, its.Value)).Select(its => its.Key)]);

    /// <summary>What comes to a release as a program would be run. Python writes down what it compiled, where it may: that is no program of its own.</summary>
    private static bool IsProgram(string path, string mark) =>
        !path.Contains("__pycache__/", StringComparison.Ordinal)
        && (mark.EndsWith(Program) || mark.StartsWith(Link, StringComparison.Ordinal) || path.Contains(".so.", StringComparison.Ordinal) || s_programs.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));

    private static string Escaped(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\t", "%09", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Plain(string text) => text.Replace("%09", "\t", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
}

/// <param name="Added">Only what would be run.</param>
internal sealed record FileChanges(ImmutableArray<string> Changed, ImmutableArray<string> Missing, ImmutableArray<string> Added)
{
    private const int Named = 3;

    public bool IsEmpty => Changed.IsEmpty && Missing.IsEmpty && Added.IsEmpty;

    /// <summary>How many, and the first of them.</summary>
    public string Words => string.Join("; ", new[] { Part("changed", Changed), Part("missing", Missing), Part("added", Added) }.OfType<string>());

    private static string? Part(string what, ImmutableArray<string> paths) =>
        paths.IsEmpty ? null : $"{paths.Length} {what} ({string.Join(", ", paths.Take(Named))}{(paths.Length > Named ? ", …" : "")})";
}
