namespace Helix.StandIn;

/// <summary>Ends the program with this code, after these words on standard error.</summary>
internal sealed class Exit(int code, string words = "") : Exception(words)
{
    public int Code { get; } = code;
}
