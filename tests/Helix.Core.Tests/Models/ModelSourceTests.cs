using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class ModelSourceTests
{
    private const string Digest = "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031";

    private static readonly Uri s_hub = new("https://huggingface.co/");

    [Theory]
    [InlineData("hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", "main")]
    [InlineData("hf:o/r/folder/a b.gguf@v1.0", "o/r", "folder/a b.gguf", "v1.0")]
    [InlineData("HF:o/r/x.GGUF@refs/pr/1", "o/r", "x.GGUF", "refs/pr/1")]
    [InlineData("https://huggingface.co/o/r/resolve/main/x.gguf?download=true", "o/r", "x.gguf", "main")]
    [InlineData("https://huggingface.co/o/r/blob/abc/sub/x.gguf", "o/r", "sub/x.gguf", "abc")]
    public void Files_of_the_hub_are_understood(string text, string repository, string path, string revision) =>
        Assert.Equal(new ModelSource.Hub(repository, path, revision), ModelSource.Parse(text, s_hub));

    [Fact]
    public void A_digest_can_be_given_with_the_address()
    {
        Assert.Equal(new ModelSource.Address(new Uri("https://a.example/x.gguf"), Digest), ModelSource.Parse($"https://a.example/x.gguf#sha256={Digest.ToUpperInvariant()}", s_hub));
        Assert.Equal(new ModelSource.Hub("o/r", "x.gguf", "main", Digest), ModelSource.Parse($"hf:o/r/x.gguf#sha256={Digest}", s_hub));
    }

    [Fact]
    public void A_plain_word_is_a_name_of_the_catalogue() => Assert.Equal(new ModelSource.Named("qwen3-0.6b"), ModelSource.Parse(" qwen3-0.6b ", s_hub));

    [Theory]
    [InlineData("hf:o", "names no repository")]
    [InlineData("hf:o/r/x.safetensors", "does not end in .gguf")]
    [InlineData("hf:o/../x.gguf", "cannot be a part of a path")]
    [InlineData("hf:o//x.gguf", "cannot be a part of a path")]
    [InlineData("hf:o/r/x.gguf@../main", "not a branch, tag or commit")]
    [InlineData("https://a.example/x.zip", "does not end in .gguf")]
    [InlineData("http://a.example/x.gguf", "plain http")]
    [InlineData("ftp://a.example/x.gguf", "not an address that can be fetched")]
    [InlineData("https://a.example/x.gguf#sha256=12", "not a SHA-256")]
    [InlineData("no such thing", "other characters")]
    [InlineData("", "1 to 96 characters")]
    public void What_cannot_be_fetched_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.IsType<ModelSource.Unclear>(ModelSource.Parse(text, s_hub)).Reason, StringComparison.Ordinal);

    [Fact]
    public void No_text_makes_the_parser_throw() => Gen.String.Sample(text => ModelSource.Parse(text, s_hub) is not null && ModelSource.Parse("hf:" + text, s_hub) is not null);

    [Fact]
    public void Secrets_in_an_address_are_not_shown() =>
        Assert.Equal("https://a.example/x.gguf", ModelSource.Parse("https://me:secret@a.example/x.gguf?token=secret", s_hub).ToString());
}
