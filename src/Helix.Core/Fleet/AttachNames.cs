namespace Helix.Core.Fleet;

/// <summary>What an engine of somebody else is called.</summary>
internal static class AttachNames
{
    private const int Longest = 64;

    /// <summary>A product that helix runs itself goes with its port, so that both can be seen; so does one whose name is taken.</summary>
    /// <param name="isOurs">helix can install and run the product.</param>
    public static string IdOf(string? product, bool isOurs, AttachAddress address, Func<string, bool> isTaken)
    {
        if (product is not null && !isOurs && address.IsLoopback && !isTaken(product)) return product;
        var place = address.IsLoopback ? $"{address.Port}" : $"{address.Host}-{address.Port}";
        var id = new string([.. $"{product ?? "server"}-{place}".ToLowerInvariant().Select(letter => IsLetter(letter) ? letter : '-')]);
        if (id.Length > Longest) id = id[^Longest..].TrimStart('-');
        for (var (n, first) = (2, id); isTaken(id); n++) id = $"{first}-{n}";
        return id;
    }

    /// <summary>As strict as the ids of manifests: it stands before the / in a model's name.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= Longest && text.All(IsLetter) && text[0] != '-' && text[^1] != '-';

    public static string NameOf(string? product) => product switch
    {
        null => "OpenAI-compatible server",
        "ollama" => "Ollama",
        _ => product,
    };

    private static bool IsLetter(char letter) => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';
}
