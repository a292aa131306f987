using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>A prompt as a chain of blocks, which are the longer the further they are from its beginning.</summary>
public sealed class PromptBlocksTests
{
    [Fact]
    public void Blocks_lie_one_after_the_other_and_what_is_lost_at_the_end_is_no_more_than_a_32nd() =>
        Gen.Int[0, 1 << 20].Sample(units =>
        {
            var blocks = PromptBlocks.Within(units);
            var whole = PromptBlocks.UnitsTo(blocks);

            Assert.Equal(PromptBlocks.UnitsTo(blocks + 1), whole + PromptBlocks.UnitsOf(blocks));
            Assert.InRange(units, whole, PromptBlocks.UnitsTo(blocks + 1) - 1);
            Assert.True((units - whole) * 32 <= units, $"{units - whole} of {units} units are lost");
        });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(255, 0)]
    [InlineData(256, 1)]
    [InlineData(16 << 10, 64)]
    [InlineData(256 << 10, 192)]
    [InlineData(1 << 20, PromptBlocks.Most)]
    [InlineData(3 << 20, PromptBlocks.Most)]
    public void A_long_prompt_has_few(int length, int blocks) => Assert.Equal(blocks, Of(new byte[length]).Chain.Length);

    [Fact]
    public void Prompts_share_the_blocks_of_what_they_begin_with_and_none_behind() =>
        Gen.Select(Gen.Int[1, 60_000], Gen.Int[0, 60_000], Gen.Int).Sample((length, cut, seed) =>
        {
            var one = new byte[length];
            new Random(seed).NextBytes(one);
            byte[] two = [.. one];
            two[cut % length] ^= 1;
            var (first, second, shared) = (Of(one), Of(two), PromptBlocks.Within(cut % length / PromptBlocks.Unit));

            Assert.Equal(first.Chain.Length, second.Chain.Length);
            for (var at = 0; at < first.Chain.Length; at++) Assert.Equal(at < shared, first.Chain[at] == second.Chain[at]);
        });

    [Fact]
    public void Tools_stand_before_all_of_a_prompt()
    {
        byte[] body = [.. new byte[1024], 1, 2];
        ulong[] firsts = [First(default), First(1024..1025), First(1025..1026)];

        Assert.Equal(3, firsts.Distinct().Count());

        ulong First(Range tools) => PromptBlocks.Of(body, Facts(0..1024, tools)).Chain[0];
    }

    [Fact]
    public void Tokens_are_those_of_the_blocks_but_never_all_of_a_prompt()
    {
        Assert.Equal((0, 64, 128), (PromptBlocks.TokensOf(0, 1000), PromptBlocks.TokensOf(1, 1000), PromptBlocks.TokensOf(2, 1000)));
        Assert.Equal((64 << 10, 127, 0), (PromptBlocks.TokensOf(192, 1 << 20), PromptBlocks.TokensOf(2, 128), PromptBlocks.TokensOf(0, 0)));
    }

    private static PromptBlocks Of(byte[] prompt) => PromptBlocks.Of(prompt, Facts(.., default));

    private static BodyFacts Facts(Range prompt, Range tools) => new("m", 0, 0, HasMembers: true, Stream: false, ModelAbilities.None, prompt, tools);
}
