using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>What came of an edit.</summary>
internal abstract record EditOutcome
{
    private EditOutcome() { }

    /// <param name="Text">The whole file; equal to the old one where there was nothing to do.</param>
    internal sealed record Edited(string Text, HelixConfig Config) : EditOutcome;

    /// <param name="Errors">Why the file stays as it is.</param>
    internal sealed record Refused(ImmutableArray<ConfigError> Errors) : EditOutcome;
}

/// <summary>
/// Changes one key in the text of a configuration and nothing else: comments, order, quotes and line ends stay.
/// The result is read again, and taken only if exactly this key differs and no comment is missing.
/// </summary>
internal static class ConfigEdit
{
    private const char ByteOrderMark = '\uFEFF';

    /// <param name="value">As typed on a command line: <c>60</c>, <c>vllm,localai</c>, <c>{"throughput": 0.5}</c>.</param>
    public static EditOutcome Set(string text, string path, string value)
    {
        if (SettingsTable.Find(path) is not { } setting) return Refuse(path, ConfigParser.Unknown(path));
        var wanted = setting.Kind.FromText(value);
        return setting.Refuse(wanted) is { } refusal ? Refuse(path, refusal) : Edit(text, setting, wanted);
    }

    /// <summary>Takes the key out, so that its default holds.</summary>
    public static EditOutcome Unset(string text, string path) =>
        SettingsTable.Find(path) is { } setting ? Edit(text, setting, null) : Refuse(path, ConfigParser.Unknown(path));

    private static EditOutcome Edit(string text, Setting setting, JsonNode? wanted)
    {
        if (text.StartsWith(ByteOrderMark))
        {
            var rest = Edit(text[1..], setting, wanted);
            return rest is EditOutcome.Edited edited ? edited with { Text = ByteOrderMark + edited.Text } : rest;
        }

        try
        {
            var root = YamlReader.Read(text);
            var before = YamlDocument.Of(root);
            if (Stands(before, setting) ? wanted is not null && Same(before.At(setting.Path), wanted) : wanted is null) return Unchanged(text, before);
            var candidates = wanted is null ? Without(text, root, setting) : SetEdits.For(text, root, setting, wanted);
            var expected = Expected(before.Values, setting, wanted);
            foreach (var candidate in candidates)
            {
                if (Verify(text, candidate, expected, keepsAll: wanted is not null) is not { } outcome) continue;
                return outcome is EditOutcome.Refused && OtherErrors(before, setting) is { IsEmpty: false } others ? new EditOutcome.Refused(others) : outcome;
            }

            return Refuse(setting.Path, "helix cannot change this key without harm to the rest of the file; change it by hand");
        }
        catch (YamlRefusedException refused)
        {
            return new EditOutcome.Refused([refused.Error]);
        }
    }

    private static bool Stands(ConfigDocument document, Setting setting) =>
        document.Values[setting.Section] is JsonObject keys && keys.ContainsKey(setting.Key);

    private static IEnumerable<string> Without(string text, YamlNode? root, Setting setting) =>
        (root as YamlNode.Map)?.Find(setting.Section)?.Value is YamlNode.Map keys && keys.Find(setting.Key) is { } entry
            ? UnsetEdits.For(text, keys, entry)
            : [];

    private static EditOutcome Unchanged(string text, ConfigDocument document) => ConfigParser.Parse(document) switch
    {
        ConfigOutcome.Good(var config, _) => new EditOutcome.Edited(text, config),
        ConfigOutcome.Bad(var errors) => new EditOutcome.Refused(errors),
        _ => throw new InvalidOperationException("an outcome is either good or bad"),
    };

    /// <summary>What is wrong already, with the lines as they are now.</summary>
    private static ImmutableArray<ConfigError> OtherErrors(ConfigDocument document, Setting setting) =>
        ConfigParser.Parse(document) is ConfigOutcome.Bad(var errors) ? [.. errors.Where(error => error.Path != setting.Path)] : [];

    private static EditOutcome? Verify(string before, string after, JsonObject expected, bool keepsAll)
    {
        ConfigDocument document;
        try
        {
            document = YamlDocument.Of(after);
            if (!Same(Tidy(document.Values), expected) || !KeepsComments(before, after, keepsAll)) return null;
        }
        catch (YamlRefusedException)
        {
            return null; // this way does not work; there may be another
        }

        return Unchanged(after, document);
    }

    private static JsonObject Expected(JsonObject values, Setting setting, JsonNode? wanted)
    {
        var expected = (JsonObject)values.DeepClone();
        if (expected[setting.Section] is not JsonObject keys) expected[setting.Section] = keys = [];
        if (wanted is null) keys.Remove(setting.Key);
        else keys[setting.Key] = wanted.DeepClone();
        return Tidy(expected);
    }

    /// <summary>Without empty sections: they say nothing.</summary>
    private static JsonObject Tidy(JsonObject values)
    {
        var tidy = (JsonObject)values.DeepClone();
        foreach (var (section, _) in values.Where(pair => pair.Value is null or JsonObject { Count: 0 })) tidy.Remove(section);
        return tidy;
    }

    /// <summary>Compares as text reads, so that it does not matter how a number is held.</summary>
    private static bool Same(JsonNode? left, JsonNode? right) =>
        JsonNode.DeepEquals(Plain(left), Plain(right));

    private static JsonNode? Plain(JsonNode? node) => node is null ? null : JsonNode.Parse(node.ToJsonString());

    private static bool KeepsComments(string before, string after, bool keepsAll)
    {
        var left = YamlComment.AllOf(before).Where(comment => keepsAll || comment.OwnLine).Select(comment => comment.Text).ToList();
        var there = YamlComment.AllOf(after).Select(comment => comment.Text).ToList();
        return left.TrueForAll(there.Remove) && (!keepsAll || there.Count == 0);
    }

    private static EditOutcome.Refused Refuse(string path, string what) => new([new(path, null, what)]);
}
