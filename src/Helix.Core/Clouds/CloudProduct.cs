using System.Collections.Immutable;

namespace Helix.Core.Clouds;

/// <summary>A cloud that helix knows by name.</summary>
/// <param name="Words">In which it is asked, where the user does not say.</param>
internal sealed record CloudProduct(string Id, string Name, CloudAddress Address, CloudWords Words = CloudWords.OpenAi)
{
    public static ImmutableArray<CloudProduct> All { get; } =
    [
        new("openai", "OpenAI", new("api.openai.com", 443, "/v1")),
        new("anthropic", "Anthropic", new("api.anthropic.com", 443, "/v1"), CloudWords.Anthropic),
        new("gemini", "Google Gemini", new("generativelanguage.googleapis.com", 443, "/v1beta/openai")),
    ];

    /// <returns>Null where it is none of these.</returns>
    public static CloudProduct? Find(string id) => All.FirstOrDefault(product => product.Id == id);

    /// <returns>Null where it is none of these.</returns>
    public static CloudProduct? At(CloudAddress address) => All.FirstOrDefault(product => product.Address == address);

    /// <summary>The words in which whoever is at this address is asked, where the user does not say.</summary>
    public static CloudWords UsualAt(CloudAddress address) => At(address)?.Words ?? CloudWords.OpenAi;

    /// <summary>The command that gives a cloud another key.</summary>
    public static string LineFor(string id, CloudAddress address, CloudWords words)
    {
        var what = At(address)?.Id ?? address.Url;
        var line = what == id ? $"helix cloud add {what}" : $"helix cloud add {what} --name {id}";
        return words == UsualAt(address) ? line : $"{line} --speaks {SpokenWords.Name(words)}";
    }
}
