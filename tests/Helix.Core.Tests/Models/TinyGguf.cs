using System.Text;

namespace Helix.Core.Tests.Models;

/// <summary>Writes small GGUF files, right ones and wrong ones: every key and tensor can be replaced before it is written.</summary>
internal sealed class TinyGguf
{
    public const string Template = "{% for m in messages %}{{ m.content }}{% endfor %}";

    private readonly List<(string Key, byte[] Value)> _keys = [];

    public List<(string Name, ulong[] Shape, uint Type, ulong? Offset)> Tensors { get; } = [];

    public uint Version { get; set; } = 3;

    public int Alignment { get; set; } = 32;

    public ulong? ClaimedKeys { get; set; }

    public ulong? ClaimedTensors { get; set; }

    /// <summary>A llama of two layers with a vocabulary of 32 and a chat template.</summary>
    public static TinyGguf Chat(string architecture = "llama", string? template = Template)
    {
        var file = new TinyGguf()
            .Text("general.architecture", architecture).Text("general.name", "tiny").Text("general.license", "apache-2.0").UInt32("general.file_type", 7)
            .UInt32($"{architecture}.context_length", 512).UInt32($"{architecture}.embedding_length", 32).UInt32($"{architecture}.block_count", 2)
            .UInt32($"{architecture}.attention.head_count", 4).UInt32($"{architecture}.attention.head_count_kv", 2)
            .Text("tokenizer.ggml.model", "llama")
            .Texts("tokenizer.ggml.tokens", Enumerable.Range(0, 32).Select(i => $"token {i}"))
            .Floats("tokenizer.ggml.scores", new float[32]).Int32s("tokenizer.ggml.token_type", Enumerable.Repeat(1, 32))
            .UInt32("tokenizer.ggml.bos_token_id", 1).UInt32("tokenizer.ggml.eos_token_id", 2);
        if (template is not null) file.Text("tokenizer.chat_template", template);
        return file.Tensor("token_embd.weight", 8, 32, 32).Tensor("output_norm.weight", 0, 32).Tensor("output.weight", 8, 32, 32);
    }

    /// <summary>A later part of a model in several files.</summary>
    public static TinyGguf Part(int number, int count) =>
        new TinyGguf().UInt16("split.no", (ushort)number).UInt16("split.count", (ushort)count).Tensor($"blk.{number}.weight", 0, 32, 4);

    public TinyGguf Tensor(string name, uint type, params ulong[] shape)
    {
        Tensors.Add((name, shape, type, null));
        return this;
    }

    public TinyGguf Without(string key)
    {
        _keys.RemoveAll(pair => pair.Key == key);
        return this;
    }

    public TinyGguf Text(string key, string value) => Raw(key, 8, w => Write(w, Encoding.UTF8.GetBytes(value)));

    public TinyGguf UInt32(string key, uint value) => Raw(key, 4, w => w.Write(value));

    public TinyGguf UInt16(string key, ushort value) => Raw(key, 2, w => w.Write(value));

    public TinyGguf Bool(string key, byte value) => Raw(key, 7, w => w.Write(value));

    public TinyGguf Texts(string key, IEnumerable<string> values) => List(key, 8, values.ToArray(), (w, v) => Write(w, Encoding.UTF8.GetBytes(v)));

    public TinyGguf Floats(string key, IEnumerable<float> values) => List(key, 6, values.ToArray(), (w, v) => w.Write(v));

    public TinyGguf Int32s(string key, IEnumerable<int> values) => List(key, 5, values.ToArray(), (w, v) => w.Write(v));

    public TinyGguf Raw(string key, uint type, Action<BinaryWriter> value)
    {
        var bytes = Bytes(w =>
        {
            w.Write(type);
            value(w);
        });
        var at = _keys.FindIndex(pair => pair.Key == key);
        if (at >= 0) _keys[at] = (key, bytes);
        else _keys.Add((key, bytes));
        return this;
    }

    public TinyGguf Twice(string key)
    {
        _keys.Add(_keys.First(pair => pair.Key == key));
        return this;
    }

    public byte[] ToArray() => Bytes(writer =>
    {
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write(ClaimedTensors ?? (ulong)Tensors.Count);
        writer.Write(ClaimedKeys ?? (ulong)_keys.Count);
        foreach (var (key, value) in _keys)
        {
            Write(writer, Encoding.UTF8.GetBytes(key));
            writer.Write(value);
        }

        var end = 0UL;
        foreach (var (name, shape, type, offset) in Tensors)
        {
            Write(writer, Encoding.UTF8.GetBytes(name));
            writer.Write((uint)shape.Length);
            foreach (var length in shape) writer.Write(length);
            writer.Write(type);
            writer.Write(offset ?? end);
            end += Padded(Size(type, shape));
        }

        if (Tensors.Count > 0) writer.Write(new byte[(int)Padded((ulong)writer.BaseStream.Position) - (int)writer.BaseStream.Position]);
        writer.Write(new byte[end]);
    });

    private static ulong Size(uint type, ulong[] shape)
    {
        var elements = shape.Aggregate(1UL, (a, b) => a * b);
        return type == 8 ? elements / 32 * 34 : elements * 4;
    }

    private ulong Padded(ulong bytes) => (bytes + (ulong)Alignment - 1) / (ulong)Alignment * (ulong)Alignment;

    private TinyGguf List<T>(string key, uint element, T[] values, Action<BinaryWriter, T> write) => Raw(key, 9, w =>
    {
        w.Write(element);
        w.Write((ulong)values.Length);
        foreach (var value in values) write(w, value);
    });

    private static void Write(BinaryWriter writer, byte[] text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(text);
    }

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
