using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>The hash of which chains of blocks are made.</summary>
public sealed class PromptHashTests
{
    [Fact]
    public void It_is_what_can_be_computed_word_by_word() => Gen.Select(Gen.Byte.Array[0, 1300], Gen.ULong).Sample((text, before) =>
        Assert.Equal(Slowly(text, before), PromptHash.Joined(before, text)));

    [Fact]
    public void Only_whole_units_count_and_they_may_come_one_after_the_other() => Gen.Select(Gen.Byte.Array[0, 2000], Gen.Int[0, 8]).Sample((text, units) =>
    {
        var cut = Math.Min(units, text.Length / PromptHash.Unit) * PromptHash.Unit;
        var whole = text.Length - text.Length % PromptHash.Unit;

        Assert.Equal(PromptHash.Joined(1, text), PromptHash.Joined(1, text.AsSpan(0, whole)));
        Assert.Equal(PromptHash.Joined(1, text), PromptHash.Joined(PromptHash.Joined(1, text.AsSpan(0, cut)), text.AsSpan(cut)));
    });

    [Fact]
    public void Wherever_a_single_letter_differs_the_hash_does() => Gen.Char[' ', '~'].Array[2 * PromptHash.Unit].Sample(letters =>
    {
        var text = Encoding.UTF8.GetBytes(letters);
        var hash = PromptHash.Joined(0, text);
        for (var bit = 0; bit < text.Length * 7; bit++)
        {
            text[bit / 7] ^= (byte)(1 << bit % 7);
            Assert.NotEqual(hash, PromptHash.Joined(0, text));
            text[bit / 7] ^= (byte)(1 << bit % 7);
        }
    }, iter: 10);

    [Fact]
    public void Words_in_another_order_are_another_text()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2 * PromptHash.Unit / 8).Select(word => $"word {word:000}")));
        var hashes = new HashSet<ulong> { PromptHash.Joined(0, text) };
        for (var one = 0; one < text.Length; one += 8)
            for (var other = one + 8; other < text.Length; other += 8)
            {
                byte[] swapped = [.. text];
                text.AsSpan(one, 8).CopyTo(swapped.AsSpan(other));
                text.AsSpan(other, 8).CopyTo(swapped.AsSpan(one));
                Assert.True(hashes.Add(PromptHash.Joined(0, swapped)));
            }
    }

    [Fact]
    public void Texts_that_differ_in_a_few_numbers_lie_far_from_each_other()
    {
        var (hashes, lists) = (new HashSet<ulong>(), new int[2, 64]);
        for (var number = 0; number < 4096; number++)
        {
            var line = $"{{\"role\":\"user\",\"content\":\"Item {number % 64:00} of order {number / 64:00} costs {number:0000} in all.\"}}";
            var hash = PromptHash.Joined(0, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 8))).AsSpan(0, 2 * PromptHash.Unit));
            hashes.Add(hash);
            lists[0, hash % 64]++;
            lists[1, hash >> 58]++;
        }

        Assert.Equal(4096, hashes.Count);
        // 64 in each, by chance
        foreach (var length in lists) Assert.InRange(length, 24, 112);
    }

    private static ulong Slowly(ReadOnlySpan<byte> text, ulong before)
    {
        for (; text.Length >= PromptHash.Unit; text = text[PromptHash.Unit..])
        {
            var (sum, sums) = (new ulong[2], new ulong[2]);
            for (var word = 0; word < PromptHash.Unit / 8; word++)
            {
                var mixed = BinaryPrimitives.ReadUInt64LittleEndian(text[(8 * word)..]) ^ PromptHash.Key(word);
                sum[word % 2] += (mixed & uint.MaxValue) * (mixed >> 32);
                sums[word % 2] += sum[word % 2];
            }

            for (var half = 0; half < 2; half++) before = (BitOperations.RotateLeft(before, 29) ^ (sum[half] + 0xC2B2_AE3D_27D4_EB4E * sums[half])) * 0x9E37_79B9_7F4A_7C15;
        }

        return before;
    }
}
