using CsCheck;
using Helix.Core.Models;
using Helix.Engine.Scheduling;

namespace Helix.Tests.Engine;

public sealed class ScriptedAnswerTests
{
    private static readonly string[] s_parts = [" ", "the", "a", "\n", "  ", "é", "😀", "日本語", "<EOT>", "[PAD]", "\u2581", "</s>", "word", "\0", "x", "<|im_end|>"];

    [Fact]
    public async Task The_self_test_model_says_its_text_and_ends()
    {
        using var engine = new TestEngine(SelfTestModel.Text);

        var told = await engine.AskAsync("Is anybody there?");

        Assert.Equal(SelfTestModel.Text, told.Text);
        Assert.Equal(FinishReason.Stop, told.Finished.Reason);
        Assert.True(told.Pieces.Count > 40);
    }

    [Fact]
    public void Any_text_comes_out_of_the_engine_as_it_went_in() =>
        Gen.Int[0, s_parts.Length - 1].Array[0, 40].Select(parts => string.Concat(parts.Select(part => s_parts[part]))).Sample(
            text =>
            {
                using var engine = new TestEngine(text, slots: 1, context: 512);
                return engine.AskAsync("word the \u2581 x").GetAwaiter().GetResult().Text == text;
            },
            iter: 60,
            threads: 1);
}
