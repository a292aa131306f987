namespace Helix.Storage;

/// <summary>What the user said a provider should do. Remembered until something else is said.</summary>
internal enum Wish
{
    Start,
    Stop,
}

/// <summary>The user's own words about providers, by provider id.</summary>
internal sealed class WishTable(Database database)
{
    public Task<Stored<Dictionary<string, Wish>>> AllAsync() => database.AskAsync(connection => connection
        .Read("SELECT provider, wish FROM wishes", row => (Provider: row.GetString(0), Wish: row.GetString(1)))
        .ToDictionary(row => row.Provider, row => row.Wish == "stop" ? Wish.Stop : Wish.Start, StringComparer.Ordinal));

    public Task<Stored<bool>> SetAsync(string provider, Wish wish) => database.AskAsync(connection => connection.Run(
        "INSERT INTO wishes (provider, wish) VALUES ($provider, $wish) ON CONFLICT (provider) DO UPDATE SET wish = $wish",
        ("$provider", provider),
        ("$wish", wish == Wish.Stop ? "stop" : "start")) == 1);
}
