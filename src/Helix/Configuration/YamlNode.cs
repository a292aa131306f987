using System.Collections.Immutable;

namespace Helix.Configuration;

/// <summary>A piece of YAML and where it stands in the text.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index behind its last character.</param>
internal abstract record YamlNode(int Line, int Start, int End)
{
    /// <param name="Plain">Written without quotes, so that it may be a number, a truth or nothing.</param>
    /// <param name="Block">Written below the key, after <c>|</c> or <c>&gt;</c>.</param>
    internal sealed record Scalar(string Value, bool Plain, bool Block, int Line, int Start, int End) : YamlNode(Line, Start, End);

    /// <param name="Flow">Written in braces.</param>
    internal sealed record Map(ImmutableArray<YamlEntry> Entries, bool Flow, int Line, int Start, int End) : YamlNode(Line, Start, End)
    {
        public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Value == key);
    }

    /// <param name="Flow">Written in brackets.</param>
    internal sealed record List(ImmutableArray<YamlNode> Items, bool Flow, int Line, int Start, int End) : YamlNode(Line, Start, End);

    public bool IsBlock => this is Map { Flow: false } or List { Flow: false } or Scalar { Block: true };

    /// <summary>Nothing stands there at all, not even <c>null</c>.</summary>
    public bool IsEmpty => this is Scalar { Plain: true } && Start == End;
}

internal sealed record YamlEntry(YamlNode.Scalar Key, YamlNode Value);
