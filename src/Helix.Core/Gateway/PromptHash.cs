using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Helix.Core.Gateway;

/// <summary>
/// A hash of a text that grows, asked for after each few hundred bytes: one made for texts of any length would begin and end anew each time. Whoever wants
/// to can make two texts with the same; it says where a prompt is likely to be answered soonest, and nothing else.
/// </summary>
/// <remarks>
/// Of each word of 64 bits the halves, mixed with keys, are multiplied with each other, and the products are added up (the NH of UMAC); so are the sums on the
/// way there, by which a product counts by its place. What differs within one half of a word is never hashed alike.
/// </remarks>
internal static class PromptHash
{
    /// <summary>Bytes that are hashed together.</summary>
    public const int Unit = 256;

    /// <summary>Bytes of a vector.</summary>
    private const int Width = 16;

    /// <summary>Bytes that one turn of the loop takes.</summary>
    private const int Turn = 4 * Width;

    private const ulong Mixer = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Even, so that a product counts an odd number of times wherever it stands: nothing of it gets lost.</summary>
    private const ulong Place = 0xC2B2_AE3D_27D4_EB4E;

    private static readonly Vector128<ulong>[] s_keys = Keys();

    /// <param name="before">The hash of all that came before.</param>
    /// <param name="units">What follows. Only whole units count.</param>
    public static ulong Joined(ulong before, ReadOnlySpan<byte> units)
    {
        ReadOnlySpan<Vector128<ulong>> keys = s_keys;
        for (; units.Length >= Unit; units = units[Unit..])
        {
            var (sum, sums) = (Vector128<ulong>.Zero, Vector128<ulong>.Zero);
            for (var at = 0; at < Unit; at += Turn)
            {
                var words = units.Slice(at, Turn);
                var four = keys.Slice(at / Width, 4);
                var first = sum + Product(words[..Width], four[0]);
                var second = first + Product(words.Slice(Width, Width), four[1]);
                var third = second + Product(words.Slice(2 * Width, Width), four[2]);
                sum = third + Product(words.Slice(3 * Width, Width), four[3]);
                sums += first + second + third + sum;
            }

            before = Joined(before, sum.GetElement(0) + Place * sums.GetElement(0));
            before = Joined(before, sum.GetElement(1) + Place * sums.GetElement(1));
        }

        return before;
    }

    /// <summary>Also of the number of a word, by which whoever wants to can compute the same without vectors.</summary>
    /// <remarks>No text in UTF-8 has a byte of all ones, so that no half that is multiplied is ever 0, and the other always counts.</remarks>
    internal static ulong Key(int word) => XxHash3.HashToUInt64(default, word) | 0xFF00_0000_FF00_0000;

    private static Vector128<ulong>[] Keys()
    {
        var keys = new Vector128<ulong>[Unit / Width];
        for (var at = 0; at < keys.Length; at++) keys[at] = Vector128.Create(Key(2 * at), Key(2 * at + 1));
        return keys;
    }

    private static ulong Joined(ulong before, ulong hash) => (BitOperations.RotateLeft(before, 29) ^ hash) * Mixer;

    /// <summary>Of each of two words the lower half times the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Product(ReadOnlySpan<byte> words, Vector128<ulong> keys)
    {
        var mixed = Vector128.Create(words).AsUInt64() ^ keys;
        var upper = mixed >>> 32;
        return Sse2.IsSupported ? Sse2.Multiply(mixed.AsUInt32(), upper.AsUInt32()) : (mixed & Vector128.Create((ulong)uint.MaxValue)) * upper;
    }
}
