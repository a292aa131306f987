using System.Text.RegularExpressions;

namespace Helix.Core.Install;

/// <summary>Where a registry sends strangers for a token: <c>Bearer realm="…",service="…",scope="…"</c>.</summary>
internal static partial class TokenChallenge
{
    /// <summary>The address that gives the token; null where the header asks for something else, or would have it fetched without encryption from another machine.</summary>
    public static Uri? AddressOf(string header)
    {
        const string Scheme = "Bearer ";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var values = Pairs().Matches(header[Scheme.Length..]).GroupBy(pair => pair.Groups[1].Value.ToLowerInvariant(), StringComparer.Ordinal).ToDictionary(pairs => pairs.Key, pairs => pairs.First().Groups[2].Value, StringComparer.Ordinal);
        if (!Uri.TryCreate(values.GetValueOrDefault("realm"), UriKind.Absolute, out var realm) || !(realm.Scheme == "https" || (realm.Scheme == "http" && realm.IsLoopback))) return null;
        var query = string.Join('&', ((string[])["service", "scope"]).Where(values.ContainsKey).Select(name => $"{name}={Uri.EscapeDataString(values[name])}"));
        return query.Length == 0 ? realm : new Uri(realm.AbsoluteUri + (realm.Query.Length > 0 ? "&" : "?") + query);
    }

    [GeneratedRegex("([a-zA-Z]+)=\"([^\"]*)\"")]
    private static partial Regex Pairs();
}
