namespace Helix.Core.Access;

/// <summary>The text of a key: <c>hx_</c> and 32 random bytes in base 62.</summary>
internal static class ApiKey
{
    public const string Start = "hx_";

    /// <summary>Longer texts are no keys and are not looked at.</summary>
    public const int MaxLength = 128;

    /// <summary>Characters of a key that are kept to tell it from others.</summary>
    public const int PrefixLength = 9;

    private const int Digits = 43;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="random">32 bytes from a cryptographic source.</param>
    public static string From(ReadOnlySpan<byte> random)
    {
        Span<byte> number = stackalloc byte[random.Length];
        random.CopyTo(number);
        Span<char> digits = stackalloc char[Digits];
        for (var at = Digits - 1; at >= 0; at--)
        {
            var rest = 0;
            foreach (ref var digit in number)
            {
                rest = (rest << 8) | digit;
                digit = (byte)(rest / 62);
                rest %= 62;
            }

            digits[at] = Alphabet[rest];
        }

        return string.Concat(Start, digits);
    }
}
