namespace Helix.Core.Clouds;

/// <summary>In whose words a cloud is asked.</summary>
internal enum CloudWords
{
    OpenAi,

    /// <summary>Those of its Messages API.</summary>
    Anthropic,
}

/// <summary>How a user says which are meant.</summary>
internal static class SpokenWords
{
    /// <returns>Null where it is none of them.</returns>
    public static CloudWords? Of(string? name) => name switch
    {
        "openai" => CloudWords.OpenAi,
        "anthropic" => CloudWords.Anthropic,
        _ => null,
    };

    public static string Name(CloudWords words) => words == CloudWords.Anthropic ? "anthropic" : "openai";
}
