namespace Helix.Core.Planning;

/// <summary>A model at a provider: what an instance can be.</summary>
internal readonly record struct Seat(string Provider, string Model)
{
    /// <summary>The name of its instance: of its process, its logs and its socket.</summary>
    public string Name => $"{Provider}-{Model}";
}
