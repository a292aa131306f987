using System.Collections.Immutable;
using Helix.Core.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Helix.Configuration;

/// <summary>
/// Reads the YAML a configuration needs: maps, lists and scalars. What has no place in one is refused, not
/// guessed: anchors and aliases, tags, several documents, keys that are no text, deep nesting.
/// </summary>
internal sealed class YamlReader
{
    private const int DeepestLevel = 16;

    private readonly string _text;
    private readonly Parser _parser;

    private YamlReader(string text) => (_text, _parser) = (text, new(new StringReader(text)));

    /// <summary>The root of the document; null where there is none (an empty file, or nothing but comments).</summary>
    /// <exception cref="YamlRefusedException">This is no such YAML.</exception>
    public static YamlNode? Read(string text)
    {
        var reader = new YamlReader(text);
        try
        {
            return reader.ReadStream();
        }
        catch (Exception malformed) when (malformed is ArgumentException or InvalidOperationException or FormatException)
        {
            // the parser's own stumbles over text that is nothing like YAML
            throw new YamlRefusedException(new("", (int?)reader._parser.Current?.End.Line, $"this is not valid YAML: {malformed.Message}"));
        }
        catch (YamlException broken)
        {
            var reason = broken.InnerException is { } inner ? inner.Message : broken.Message;
            throw new YamlRefusedException(new("", (int)broken.Start.Line,
                $"this is not valid YAML (column {broken.Start.Column}): {reason.TrimEnd('.')}; look at the indentation, colons and quotes of this line and the one above"));
        }
    }

    private YamlNode? ReadStream()
    {
        Expect<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return null;
        Expect<DocumentStart>();
        var root = ReadNode(1);
        Expect<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out var second) && _parser.Current is { } more)
            throw Refuse(more, "a second document starts here; keep one, and remove the line \"---\"");
        return root is YamlNode.Scalar { Plain: true, Value: "" or "~" or "null" } ? null : root;
    }

    private void Expect<T>() where T : ParsingEvent => _parser.Consume<T>();

    private YamlNode ReadNode(int level)
    {
        if (_parser.Accept<AnchorAlias>(out var alias))
            throw Refuse(alias, $"the alias *{alias.Value} is not supported here; write the value itself");
        if (_parser.Accept<NodeEvent>(out var node))
        {
            if (!node.Anchor.IsEmpty) throw Refuse(node, $"the anchor &{node.Anchor} is not supported here; remove it");
            if (!node.Tag.IsEmpty) throw Refuse(node, $"the tag {node.Tag} is not supported here; remove it");
            if (level > DeepestLevel) throw Refuse(node, $"more than {DeepestLevel} levels deep");
        }

        return node switch
        {
            Scalar => ReadScalar(),
            MappingStart => ReadMap(level),
            SequenceStart => ReadList(level),
            _ => throw Refuse(_parser.Current!, "a value was expected here"),
        };
    }

    private YamlNode.Scalar ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        return new(
            scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded,
            (int)scalar.Start.Line, (int)scalar.Start.Index, (int)scalar.End.Index);
    }

    private YamlNode.Map ReadMap(int level)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.Accept<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            if (ReadNode(level + 1) is not YamlNode.Scalar key) throw Refuse(at, "a key must be a plain word");
            if (!lines.TryAdd(key.Value, key.Line))
                throw Refuse(at, $"\"{key.Value}\" stands here a second time (first in line {lines[key.Value]}); keep one of the two");
            entries.Add(new(key, ReadNode(level + 1)));
        }

        var end = _parser.Consume<MappingEnd>();
        var flow = start.Style == MappingStyle.Flow;
        return new(entries.ToImmutable(), flow, (int)start.Start.Line, (int)start.Start.Index,
            flow || entries.Count == 0 ? BehindBracket(end) : Math.Max(entries[^1].Key.End, entries[^1].Value.End));
    }

    private YamlNode.List ReadList(int level)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (!_parser.Accept<SequenceEnd>(out _)) items.Add(ReadNode(level + 1));

        var end = _parser.Consume<SequenceEnd>();
        var flow = start.Style == SequenceStyle.Flow;
        return new(items.ToImmutable(), flow, (int)start.Start.Line, (int)start.Start.Index,
            flow || items.Count == 0 ? BehindBracket(end) : items[^1].End);
    }

    private int BehindBracket(ParsingEvent end)
    {
        var at = (int)end.Start.Index;
        return at < _text.Length && _text[at] is '}' or ']' ? at + 1 : at;
    }

    private static YamlRefusedException Refuse(ParsingEvent at, string what) => new(new ConfigError("", (int)at.Start.Line, what));
}

/// <summary>A text is no YAML that helix takes.</summary>
internal sealed class YamlRefusedException(ConfigError error) : Exception(error.ToString())
{
    public ConfigError Error => error;
}
