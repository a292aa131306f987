namespace Helix.Bench.Models;

/// <summary>
/// A vocabulary of 32,000 tokens without a word of anybody's: bytes, letters, and "words" of one to four letters in the order of the alphabet.
/// Whatever begins a word is a word too, so that the tokenizer, which joins neighbours, finds every word of up to three letters as one token.
/// </summary>
internal static class Words
{
    public const int Count = 32000;
    public const int End = 2;
    public const int FirstByte = 5;
    public const int FirstLetter = FirstByte + 256;
    public const int FirstWord = FirstLetter + 27;

    private const string Space = "\u2581";

    public static string[] Tokens { get; } =
    [
        "<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>",
        .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"),
        Space, .. Letters.Select(letter => letter),
        .. ByLength().Take(Count - FirstWord).Select(word => Space + word),
    ];

    private static IEnumerable<string> Letters => Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString());

    /// <summary>ggml's kinds: 1 normal, 2 unknown, 3 control, 6 byte.</summary>
    public static int[] Kinds { get; } = [2, 3, 3, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, Count - FirstLetter)];

    /// <summary>A prompt of exactly this many tokens, the one at the beginning of every text not counted. Another <paramref name="seed"/>, another first word.</summary>
    public static string Prompt(int tokens, int seed)
    {
        var random = new Random(seed);
        return string.Join(' ', Enumerable.Range(0, tokens).Select(_ => new string([Letter(), Letter(), Letter()])));
        char Letter() => (char)('a' + random.Next(26));
    }

    private static IEnumerable<string> ByLength()
    {
        IEnumerable<string> words = [""];
        for (var length = 1; length <= 4; length++)
        {
            words = words.SelectMany(word => Letters.Select(letter => word + letter));
            foreach (var word in words) yield return word;
        }
    }
}
