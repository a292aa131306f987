using System.Collections.Frozen;
using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>Which requests never go to a cloud, and which may where they would wait here for too long.</summary>
internal static class CloudRules
{
    private const string Auto = "auto";

    /// <param name="model">As somebody names it, with a provider's name before it or not.</param>
    public static bool IsPrivate(string model, CloudConfig config)
    {
        if (config.PrivateModels is not { } names) return false;
        var plain = Plain(model);
        var bare = plain[(plain.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return names.Select(Plain).Any(name => name == plain || name == bare);
    }

    /// <param name="model">That would be asked of the cloud, as the cloud names it.</param>
    /// <param name="asked">The name that the client gave; null for none.</param>
    /// <param name="key">Name of the key that the request came with; empty for none.</param>
    /// <returns>Null where it may go.</returns>
    public static GatewayError? Forbidden(CloudTarget cloud, string model, string? asked, string key, bool isPrivateKey, CloudConfig config)
    {
        if (isPrivateKey) return new(403, "private_key", $"The key '{key}' is private: nothing that comes with it is asked of a cloud. Ask for a model that is served here, or come with another key.");
        foreach (var name in (ReadOnlySpan<string>)[$"{cloud.Id}/{model}", asked ?? model])
            if (IsPrivate(name, config))
                return new(403, "private_model", $"'{name}' is private by cloud.private_models: nothing that is asked of it goes to a cloud.", "model");
        return null;
    }

    /// <summary>The models of clouds of which one may answer in place of the one that was asked for, where that would take too long here. Vectors of two models do not go together: it is for chats only.</summary>
    /// <param name="asked">The name that the client gave; null for none.</param>
    /// <param name="lines">Of <see cref="Lines"/>.</param>
    /// <returns>As the user wrote them; empty for none.</returns>
    public static ImmutableArray<string> StandIns(InferenceRoute route, string? asked, FrozenDictionary<string, ImmutableArray<string>> lines, CloudConfig config)
    {
        if (config.AfterSeconds is null || route != InferenceRoute.Chat || lines.Count == 0) return [];
        return lines.TryGetValue(Plain(asked ?? Auto), out var standIns) && !IsPrivate(asked ?? Auto, config) ? standIns : [];
    }

    /// <summary>Who stands in for whom: read once, since every request that is served here looks there.</summary>
    public static FrozenDictionary<string, ImmutableArray<string>> Lines(CloudConfig config) =>
        (config.Instead ?? []).Select(Line).OfType<(string Model, string StandIn)>().GroupBy(line => Plain(line.Model), line => line.StandIn, StringComparer.Ordinal)
            .ToFrozenDictionary(lines => lines.Key, lines => lines.Distinct().ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>Null where this says which cloud's model stands in for another, else what may follow "was …".</summary>
    public static string? Refuse(string text) => Line(text) is null ? "; write it like qwen3-0.6b=openai/gpt-4.1-mini, or auto=anthropic/claude-haiku-4-5" : null;

    private static (string Model, string StandIn)? Line(string text)
    {
        if (text.Split('=') is not [{ Length: > 0 } model, var standIn] || text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))) return null;
        var slash = standIn.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < standIn.Length - 1 && !standIn.EndsWith($"/{Auto}", StringComparison.Ordinal) ? (model, standIn) : null;
    }

    /// <summary>What is the same for all ways to write a name: <c>qwen3:0.6b</c> is <c>qwen3-0.6b</c>, and so is <c>qwen3-0.6b:latest</c>.</summary>
    private static string Plain(string name) => (name.EndsWith(Routing.Latest, StringComparison.Ordinal) ? name[..^Routing.Latest.Length] : name).Replace(':', '-');
}
