using System.Runtime.InteropServices;
using System.Text;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>One message of a conversation.</summary>
internal sealed record ChatMessage(string Role, string Content);

/// <summary>Turns a conversation into a prompt, by the templates that llama.cpp knows. Nothing is guessed for any other.</summary>
internal sealed unsafe class ChatTemplate
{
    private static readonly ChatMessage[] s_probe = [new("system", "a"), new("user", "b"), new("assistant", "c"), new("user", "d")];

    internal ChatTemplate(string? text)
    {
        Text = text;
        Name = text is not null && Apply(text, s_probe) is { } rendered ? NameOf(rendered) : null;
    }

    /// <summary>The template as the model brings it.</summary>
    public string? Text { get; }

    /// <summary>llama.cpp's name for it; null if it is not known.</summary>
    public string? Name { get; }

    /// <summary>The prompt, open for the assistant's answer; null if the template is not known.</summary>
    public byte[]? Render(IReadOnlyList<ChatMessage> messages) => Name is null ? null : Apply(Text!, messages);

    /// <summary>A template is recognised by a few words in it; which one it was shows in what it makes of a conversation.</summary>
    private static string NameOf(byte[] rendered)
    {
        var count = Llama.llama_chat_builtin_templates(null, 0);
        var names = stackalloc byte*[count];
        _ = Llama.llama_chat_builtin_templates(names, (nuint)count);
        for (var i = 0; i < count; i++)
        {
            var name = Marshal.PtrToStringUTF8((nint)names[i])!;
            if (Apply(name, s_probe) is { } other && other.AsSpan().SequenceEqual(rendered))
                return name;
        }

        return "unnamed";
    }

    private static byte[]? Apply(string template, IReadOnlyList<ChatMessage> messages)
    {
        // all texts lie in one block, each with its closing zero
        var texts = new MemoryStream();
        var views = new (int Role, int Content)[messages.Count];
        for (var i = 0; i < messages.Count; i++)
            views[i] = (Put(texts, messages[i].Role), Put(texts, messages[i].Content));

        var native = new ChatMessageView[messages.Count];
        fixed (byte* block = texts.GetBuffer(), name = LlamaLibrary.Utf8(template))
        fixed (ChatMessageView* list = native)
        {
            for (var i = 0; i < views.Length; i++)
                native[i] = new ChatMessageView { Role = block + views[i].Role, Content = block + views[i].Content };
            var length = Llama.llama_chat_apply_template(name, list, (nuint)native.Length, addAssistant: 1, null, 0);
            if (length < 0)
                return null;
            var prompt = new byte[length];
            fixed (byte* buffer = prompt)
                _ = Llama.llama_chat_apply_template(name, list, (nuint)native.Length, addAssistant: 1, buffer, length);
            return prompt;
        }
    }

    private static int Put(MemoryStream texts, string text)
    {
        var at = (int)texts.Position;
        texts.Write(Encoding.UTF8.GetBytes(text));
        texts.WriteByte(0);
        return at;
    }
}
