using System.Collections.Immutable;

namespace Helix.Core.Clouds;

/// <summary>A cloud that helix knows by name.</summary>
/// <param name="Address">Where it speaks OpenAI's words.</param>
/// <param name="ListsItsOwnWay">Its list of models is asked in its own words: with other headers.</param>
internal sealed record CloudProduct(string Id, string Name, CloudAddress Address, bool ListsItsOwnWay = false)
{
    public static ImmutableArray<CloudProduct> All { get; } =
    [
        new("openai", "OpenAI", new("api.openai.com", 443, "/v1")),
        new("anthropic", "Anthropic", new("api.anthropic.com", 443, "/v1"), ListsItsOwnWay: true),
        new("gemini", "Google Gemini", new("generativelanguage.googleapis.com", 443, "/v1beta/openai")),
    ];

    /// <returns>Null where it is none of these.</returns>
    public static CloudProduct? Find(string id) => All.FirstOrDefault(product => product.Id == id);

    /// <returns>Null where it is none of these.</returns>
    public static CloudProduct? At(CloudAddress address) => All.FirstOrDefault(product => product.Address == address);

    /// <summary>The command that gives a cloud another key.</summary>
    public static string LineFor(string id, CloudAddress address)
    {
        var what = At(address)?.Id ?? address.Url;
        return what == id ? $"helix cloud add {what}" : $"helix cloud add {what} --name {id}";
    }
}
