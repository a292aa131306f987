using System.Globalization;

namespace Helix.StandIn.Flags;

/// <summary>What a command line said, by the last name of each flag.</summary>
internal sealed class ParsedFlags
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public List<string> Positionals { get; } = [];

    public void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values)) _values[name] = values = [];
        values.Add(value);
    }

    /// <summary>For what a file or a variable says: a flag wins over it.</summary>
    public void AddUnlessThere(string name, string? value)
    {
        if (value is { Length: > 0 } && !Has(name)) Add(name, value);
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.TryGetValue(name, out var values) ? values[^1] : null;

    public string Text(string name, string otherwise) => Text(name) ?? otherwise;

    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public int Int(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
