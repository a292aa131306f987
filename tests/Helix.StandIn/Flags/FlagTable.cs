using System.Globalization;

namespace Helix.StandIn.Flags;

/// <summary>
/// The flags of a program, from words like <c>-p|--port=I</c>. Behind the sign stands what it takes: <c>S</c> text, <c>I</c> a whole number,
/// <c>F</c> a number, <c>N</c> one value or more, <c>O</c> a value or none, <c>a|b</c> one of these; without it, the flag takes no value.
/// </summary>
internal sealed class FlagTable
{
    private readonly FlagStyle _style;
    private readonly string _program;
    private readonly Dictionary<string, (string Name, string Kind)> _flags = new(StringComparer.Ordinal);

    public FlagTable(FlagStyle style, string program, string table)
    {
        (_style, _program) = (style, program);
        foreach (var word in table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = word.IndexOf('=', StringComparison.Ordinal);
            var names = (sign < 0 ? word : word[..sign]).Split('|');
            foreach (var name in names) _flags[name] = (names[^1], sign < 0 ? "" : word[(sign + 1)..]);
        }
    }

    /// <exception cref="Exit">A flag is not in the table, or its value is not of its kind.</exception>
    public ParsedFlags Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new ParsedFlags();
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (!word.StartsWith('-') || word.Length == 1)
            {
                parsed.Positionals.Add(word);
                continue;
            }

            var sign = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            var flag = sign < 0 ? word : word[..sign];
            var (name, kind) = Find(flag, word);
            if (sign >= 0) parsed.Add(name, Checked(flag, kind, word[(sign + 1)..]));
            else if (kind.Length == 0) parsed.Add(name, "true");
            else if (kind is "N") TakeAll(parsed, name, arguments, ref i);
            else if (kind is "O") parsed.Add(name, i + 1 < arguments.Count && IsValue(arguments[i + 1]) ? arguments[++i] : "true");
            else if (i + 1 == arguments.Count || !IsValue(arguments[i + 1])) throw _style.NoValue(_program, flag);
            else parsed.Add(name, Checked(flag, kind, arguments[++i]));
        }

        return parsed;
    }

    private void TakeAll(ParsedFlags parsed, string name, IReadOnlyList<string> arguments, ref int i)
    {
        if (i + 1 == arguments.Count || !IsValue(arguments[i + 1])) throw _style.NoValue(_program, name);
        while (i + 1 < arguments.Count && IsValue(arguments[i + 1])) parsed.Add(name, arguments[++i]);
    }

    private (string Name, string Kind) Find(string flag, string word)
    {
        if (_flags.TryGetValue(flag, out var found)) return found;
        if (_style == FlagStyle.Argparse && flag.StartsWith("--", StringComparison.Ordinal))
        {
            // vLLM's parser takes _ for -, and argparse any beginning that fits one flag only
            if (_flags.TryGetValue(flag.Replace('_', '-'), out found) && _program == "vllm") return found;
            (string, string)[] fitting = [.. _flags.Where(known => known.Key.StartsWith(flag, StringComparison.Ordinal)).Select(known => known.Value).Distinct()];
            if (fitting is [var only]) return only;
        }

        throw _style.Unknown(_program, _style is FlagStyle.Argparse ? word : flag);
    }

    private string Checked(string flag, string kind, string value)
    {
        var right = kind switch
        {
            "I" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "F" => double.TryParse(value, CultureInfo.InvariantCulture, out _),
            "S" or "N" or "O" => true,
            "" => false,
            _ => kind.Split('|').Contains(value, StringComparer.Ordinal),
        };
        return right ? value : throw _style.WrongValue(_program, flag, value, kind);
    }

    private static bool IsValue(string word) => !word.StartsWith('-') || word.Length == 1 || char.IsAsciiDigit(word[1]) || word[1] == '.';
}
