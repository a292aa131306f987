using System.Text;
using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class SafetensorsHeaderTests
{
    private static readonly byte[] s_file = TinyFolder.Safetensors("pt", ("a", "BF16", [4, 8]), ("b", "F32", []), ("c", "U8", [3, 0]), ("d", "U8", [5]));

    private static readonly string[] s_words = ["0", "-1", "1.5", "9223372036854775807", "18446744073709551616", "{}", "[]", "null", "\"x\"", "1e400", "[[[["];

    private static long Rounds => Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 } ? 500_000 : 3_000;

    [Fact]
    public void A_right_header_tells_every_tensor_and_its_writer()
    {
        var good = Assert.IsType<SafetensorsReading.Good>(SafetensorsHeader.Read(s_file, s_file.Length));

        Assert.Equal("pt", good.Format);
        Assert.Equal([("a", "BF16", 32L, 64L), ("b", "F32", 1L, 4L), ("c", "U8", 0L, 0L), ("d", "U8", 5L, 5L)], good.Tensors.Select(tensor => (tensor.Name, tensor.Kind, tensor.Elements, tensor.Bytes)));
    }

    [Fact]
    public void A_short_prefix_asks_for_the_header_and_never_for_the_weights()
    {
        Assert.Equal(9, Assert.IsType<SafetensorsReading.NeedMore>(SafetensorsHeader.Read(s_file.AsSpan(0, 3), s_file.Length)).Bytes);
        Assert.Equal(s_file.Length - 73, Assert.IsType<SafetensorsReading.NeedMore>(SafetensorsHeader.Read(s_file.AsSpan(0, 9), s_file.Length)).Bytes);
    }

    [Fact]
    public void Spaces_behind_the_header_are_allowed() =>
        Assert.IsType<SafetensorsReading.Good>(Read("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}     """, 2));

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 1, "it was cut off")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 3, "there is too much in it")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}""", 2, "a has 2 bytes; its shape needs 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "begins at byte 1 of the data instead of 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "b begins at byte 1")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "names a twice")]
    [InlineData("""{"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,2]}}""", 2, "of the kind Q9, which is not known")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,2]}}""", 2, "the shape of a is impossible")]
    [InlineData("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}""", 2, "the shape of a is impossible")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,2]}}""", 2, "describes a wrongly")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,4]}}""", 2, "describes a wrongly")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":1}}""", 2, "describes a wrongly")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2]}}""", 2, "does not say dtype, shape and data_offsets of a")]
    [InlineData("""{"__metadata__":{"format":1}}""", 2, "its metadata are not texts")]
    [InlineData("""{"__metadata__":{"format":"pt"}}""", 2, "it holds no tensors")]
    [InlineData("""{"a":7}""", 2, "says of a something that is no description")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} x""", 2, "its header is not what it should be")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "its header is not what it should be")]
    [InlineData("[]", 2, "does not begin with '{'")]
    public void A_wrong_header_is_refused_with_what_is_wrong(string header, int dataBytes, string reason) =>
        Assert.Contains(reason, Assert.IsType<SafetensorsReading.Bad>(Read(header, dataBytes)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:ab", "Git LFS pointer")]
    [InlineData("<!doctype html><html>", "a web page")]
    [InlineData("GGUF\u0003\0\0\0\0\0\0\0", "a GGUF file under another name")]
    [InlineData("PK\u0003\u0004\0\0\0\0\0\0", "a zip archive")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff{}", "its header claims")]
    [InlineData("\u0040\0\0\0\0\0\0\0{}", "it ends inside its header")]
    [InlineData("{}", "too small")]
    public void What_is_something_else_is_named(string bytes, string reason)
    {
        var file = Encoding.Latin1.GetBytes(bytes);

        Assert.Contains(reason, Assert.IsType<SafetensorsReading.Bad>(SafetensorsHeader.Read(file, file.Length)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void No_changed_bytes_make_the_reader_throw_or_believe_what_the_file_does_not_hold() =>
        Gen.Select(Gen.Select(Gen.Int[0, s_file.Length - 1], Gen.Byte).Array[1, 6], Gen.Int[0, s_file.Length]).Sample(
            (edits, length) =>
            {
                var file = (byte[])s_file.Clone();
                foreach (var (at, value) in edits) file[at] = value;
                return Ends(file, file.Length) && Ends(file, length);
            },
            iter: Rounds);

    [Fact]
    public void No_swapped_values_make_the_reader_throw_or_believe_what_the_file_does_not_hold()
    {
        var text = Encoding.UTF8.GetString(s_file, 8, s_file.Length - 8 - 73);
        var values = System.Text.RegularExpressions.Regex.Matches(text, @"\d+|""[A-Z0-9]+""|\[[^\[\]]*\]");
        Gen.Select(Gen.Int[0, values.Count - 1], Gen.Int[0, s_words.Length - 1]).Sample(
            (which, word) =>
            {
                var changed = string.Concat(text.AsSpan(0, values[which].Index), s_words[word], text.AsSpan(values[which].Index + values[which].Length));
                var file = TinyFolder.File(changed, 73);
                return Ends(file, file.Length);
            },
            iter: Rounds);
    }

    private static SafetensorsReading Read(string header, int dataBytes)
    {
        var file = TinyFolder.File(header, dataBytes);
        return SafetensorsHeader.Read(file, file.Length);
    }

    private static bool Ends(byte[] file, int length)
    {
        var have = Math.Min(1, length);
        for (var looks = 0; looks < 3; looks++)
        {
            switch (SafetensorsHeader.Read(file.AsSpan(0, have), length))
            {
                case SafetensorsReading.NeedMore(var wanted):
                    if (wanted <= have || wanted > length) return false;
                    have = (int)wanted;
                    break;
                case SafetensorsReading.Good(var tensors, _): return tensors.Sum(tensor => tensor.Bytes) < length;
                case SafetensorsReading.Bad(var reason): return reason.Length > 0;
            }
        }

        return false;
    }
}
