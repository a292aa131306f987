using Helix.Core.Models;
using Helix.Engine;
using Helix.Engine.Native;

namespace Helix.Tests.Engine;

public sealed class ModelTests
{
    [Fact]
    public void A_folder_without_libraries_is_refused_with_its_name() =>
        Assert.Contains("/nowhere/at/all", LlamaLibrary.Check("/nowhere/at/all"), StringComparison.Ordinal);

    [Fact]
    public void Libraries_of_another_release_are_refused_with_both_releases()
    {
        var folder = Directory.CreateTempSubdirectory("helix-libraries-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(TestEngine.Libraries, "lib*l*ma*").Concat(Directory.EnumerateFiles(TestEngine.Libraries, "libggml.*")))
                File.CreateSymbolicLink(Path.Combine(folder.FullName, Path.GetFileName(file)), file);
            File.WriteAllText(Path.Combine(folder.FullName, "_nlcBuildMetadata.json"), """{"buildOptions":{"llamaCpp":{"release":"v9.9.9"}}}""");

            var refusal = LlamaLibrary.Check(folder.FullName);

            Assert.Contains("v9.9.9", refusal, StringComparison.Ordinal);
            Assert.Contains(LlamaLibrary.Release, refusal, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_library_whose_defaults_moved_is_refused_by_the_field()
    {
        Assert.Null(LlamaLibrary.Load(TestEngine.Libraries));
        var (model, context) = (Llama.llama_model_default_params(), Llama.llama_context_default_params());
        Assert.Null(LayoutCheck.Compare(model, context));

        context.FlashAttention = 7;

        Assert.Contains("flash_attn_type", LayoutCheck.Compare(model, context), StringComparison.Ordinal);
    }

    [Fact]
    public void The_facts_of_a_model_are_read()
    {
        using var engine = new TestEngine("Hi there");

        Assert.Equal("scripted", engine.Model.Facts.Name);
        Assert.Equal(32768, engine.Model.Facts.ContextTrained);
        Assert.Equal("chatml", engine.Model.Facts.Template);
        Assert.True(engine.Model.Facts is { Generates: true, Embeds: true });
    }

    [Fact]
    public void No_text_that_fits_is_taken_for_one_that_is_far_too_long()
    {
        using var engine = new TestEngine("Words of an answer, some of them long: internationalisation 😀 日本語");
        // each text is a little longer than what is tokenized at once
        string[] parts = ["a", " ", "\n", "é", "😀", "日本", "internationalisation", "<|im_end|>", "Words of"];
        var random = new Random(7);
        for (var round = 0; round < 18; round++)
        {
            var one = parts[round / 2];
            var text = string.Concat(Enumerable.Range(0, 20_000).Select(_ => round % 2 == 0 ? one : parts[random.Next(parts.Length)])).Substring(0, 18_000);
            var tokens = engine.Model.Vocabulary.Tokenize(text, whole: true);

            Assert.Equal(tokens, engine.Model.Vocabulary.Tokenize(text, whole: true, tokens.Length, CancellationToken.None));
        }
    }

    [Fact]
    public void Whoever_has_gone_is_not_counted_for()
    {
        using var engine = new TestEngine("x");

        Assert.Throws<OperationCanceledException>(() => engine.Model.Vocabulary.Tokenize(new string('a', 100_000), whole: true, 1_000_000, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_conversation_becomes_a_prompt_by_the_models_template()
    {
        using var engine = new TestEngine("Hi there");

        var prompt = engine.Model.Chat.Render([new ChatMessage("system", "Be kind."), new ChatMessage("user", "Hello 😀")]);

        Assert.Equal("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello 😀<|im_end|>\n<|im_start|>assistant\n", System.Text.Encoding.UTF8.GetString(prompt!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{{ something(nobody) | knows }}")]
    public void A_template_that_is_not_known_is_never_guessed(string? template)
    {
        using var engine = new TestEngine("Hi there", chatTemplate: template);

        Assert.Null(engine.Model.Facts.Template);
        Assert.Equal(template, engine.Model.Facts.TemplateText);
        Assert.Null(engine.Model.Chat.Render([new ChatMessage("user", "Hello")]));
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused_with_its_name()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".gguf");
        File.WriteAllBytes(path, ScriptedGguf.Make("Hi there")[..^1000]);
        try
        {
            Assert.Null(LlamaLibrary.Load(TestEngine.Libraries));
            var failed = Assert.IsType<LoadOutcome.Failed>(LoadedModel.Load(new ModelLoad(path)));
            Assert.Contains(path, failed.Reason, StringComparison.Ordinal);
            Assert.Contains("corrupted or incomplete", failed.Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
