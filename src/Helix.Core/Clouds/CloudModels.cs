using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>The names of a cloud's models, and what each can be asked for.</summary>
internal static class CloudModels
{
    private const int LongestName = 200;

    /// <summary>Gemini's names come with it, and go without it, too.</summary>
    private const string Prefix = "models/";

    /// <summary>Makers of sounds, pictures and judgements: nobody can chat with them. Whoever wants one names it.</summary>
    private static readonly string[] s_others = ["whisper", "tts", "transcribe", "audio", "realtime", "dall-e", "image", "sora", "veo-", "lyria", "moderation"];

    /// <summary>Reads a cloud's list.</summary>
    /// <returns>Null if the answer is no such list.</returns>
    public static ImmutableArray<string>? NamesIn(Heard said)
    {
        if (AttachedModels.Of(said, ModelAbilities.Everything) is not { } listed) return null;
        return [.. listed.Select(model => Bare(model.Id)).Where(name => IsName(name) && !s_others.Any(other => name.Contains(other, StringComparison.OrdinalIgnoreCase))).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>A list does not tell what a model can do: one whose name says that it makes vectors is asked for those only. In Anthropic's words there is nothing but chats.</summary>
    public static ImmutableArray<AttachedModel> Of(IEnumerable<string> names, CloudWords words = CloudWords.OpenAi) =>
        [.. names.Where(IsName).Select(name => new AttachedModel(name, AbilitiesOf(name, words), 0))];

    private static ModelAbilities AbilitiesOf(string name, CloudWords words) =>
        words == CloudWords.Anthropic ? ModelAbilities.Chat | ModelAbilities.Tools | ModelAbilities.JsonSchema
        : name.Contains("embed", StringComparison.OrdinalIgnoreCase) ? ModelAbilities.Embeddings
        : ModelAbilities.Everything;

    /// <summary>Whether this can be the name of a model.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && !IsAuto(text) && !text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter));

    /// <summary>It would mean that helix is to choose.</summary>
    private static bool IsAuto(string text) => text == Routing.Auto || text.StartsWith(Routing.Auto + ":", StringComparison.Ordinal) || text.EndsWith("/" + Routing.Auto, StringComparison.Ordinal);

    private static string Bare(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
}
