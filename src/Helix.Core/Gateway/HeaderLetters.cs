using System.Buffers;

namespace Helix.Core.Gateway;

/// <summary>Which letters may stand where in the headers of a form.</summary>
internal static class HeaderLetters
{
    private const string Names = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public static SearchValues<char> Token { get; } = SearchValues.Create(Names + "!#$%&'*+-.^_`|~");

    /// <summary>Of a boundary, by RFC 2046.</summary>
    public static SearchValues<char> Boundary { get; } = SearchValues.Create(Names + "'()+_,-./:=? ");

    /// <summary>What would end a value that stands without quotes, or be read in two ways.</summary>
    public static SearchValues<char> NeedsQuotes { get; } = SearchValues.Create(" \t\",;\\");
}
