using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class ModelIdTests
{
    [Theory]
    [InlineData("/models/Qwen3-0.6B-Q8_0.gguf", "qwen3-0.6b-q8_0")]
    [InlineData("My Model (final).GGUF", "my-model-final")]
    [InlineData("big-00001-of-00003.gguf", "big")]
    [InlineData("...gguf", "model")]
    [InlineData("auto.gguf", "auto-model")]
    public void A_file_name_becomes_an_id(string file, string id) => Assert.Equal(id, ModelId.FromFileName(file));

    [Fact]
    public void Whatever_the_file_is_called_its_id_may_be_used() =>
        Gen.String.Sample(name => ModelId.Refusal(ModelId.FromFileName(name)) is null && ModelId.Refusal(ModelId.FromFileName(name + new string('x', 200) + ".gguf")) is null);

    [Fact]
    public void A_taken_id_gets_a_number_and_stays_within_the_limit()
    {
        var taken = new HashSet<string>();
        for (var i = 0; i < 12; i++) Assert.True(taken.Add(ModelId.Unique(new string('a', ModelId.MaxLength), taken.Contains)));

        Assert.All(taken, id => Assert.Null(ModelId.Refusal(id)));
    }

    [Theory]
    [InlineData("model-00002-of-00003.gguf", "model", 2, 3)]
    [InlineData("a-00001-of-00001.gguf", "a", 1, 1)]
    public void The_name_of_a_part_is_understood_and_written_the_same(string name, string stem, int number, int count)
    {
        Assert.Equal(new ShardName(stem, number, count), ShardName.Parse(name));
        Assert.Equal(name, ShardName.Parse(name)!.FileName);
    }

    [Theory]
    [InlineData("model-00004-of-00003.gguf")]
    [InlineData("model-00000-of-00003.gguf")]
    [InlineData("model-00001-of-99999.gguf")]
    [InlineData("model-1-of-3.gguf")]
    public void Impossible_parts_are_plain_names(string name) => Assert.Null(ShardName.Parse(name));
}
