using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class GgufMutationTests
{
    private static readonly byte[] s_file = TinyGguf.Chat().UInt32("llama.expert_count", 4).UInt32("llama.expert_used_count", 2).ToArray();

    private static readonly ulong[] s_numbers = [0, 1, 2, 31, 32, 63, 64, 65, 255, 1 << 16, int.MaxValue, uint.MaxValue, 1UL << 40, long.MaxValue, ulong.MaxValue];

    private static long Rounds => Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 } ? 500_000 : 3_000;

    private static readonly Gen<(int At, byte Value)[]> s_edits = Gen.Select(Gen.Int[0, s_file.Length - 1], Gen.Byte).Array[1, 6];

    [Fact]
    public void No_changed_bytes_make_the_reader_throw_loop_or_allocate_without_bound() =>
        Gen.Select(s_edits, Gen.Int[0, s_file.Length]).Sample(
            (edits, length) =>
            {
                var file = (byte[])s_file.Clone();
                foreach (var (at, value) in edits) file[at] = value;
                return EndsWithin(file, length) && EndsWithin(file, file.Length);
            },
            iter: Rounds);

    [Fact]
    public void No_swapped_numbers_make_the_reader_throw_loop_or_allocate_without_bound()
    {
        Gen.Select(Gen.Int[0, s_file.Length - 8], Gen.Int[0, s_numbers.Length - 1]).Sample(
            (at, which) =>
            {
                var file = (byte[])s_file.Clone();
                BitConverter.TryWriteBytes(file.AsSpan(at), s_numbers[which]);
                return EndsWithin(file, file.Length);
            },
            iter: Rounds);
    }

    [Fact]
    public void A_huge_claimed_length_never_makes_it_ask_for_more_than_the_bound()
    {
        var file = TinyGguf.Chat().Raw("x", 9, w => { w.Write(0u); w.Write(16_777_216UL); }).ToArray();

        Assert.InRange(Assert.IsType<GgufReading.NeedMore>(GgufHeader.Read(file, long.MaxValue)).Bytes, file.Length, GgufCursor.MaxHeaderBytes);
    }

    private static bool EndsWithin(byte[] file, int length)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var have = Math.Min(24, length);
        for (var looks = 0; looks < 1000; looks++)
        {
            var reading = GgufHeader.Read(file.AsSpan(0, have), length);
            if (reading is not GgufReading.NeedMore(var wanted))
                return GC.GetAllocatedBytesForCurrentThread() - before < 64L * 1024 * (looks + 1) && reading is not GgufReading.Bad { Reason: "" };
            if (wanted <= have || wanted > length) return false;
            have = (int)wanted;
        }

        return false;
    }
}
