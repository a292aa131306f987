using System.Runtime.InteropServices;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>Draws the tokens of one answer. Used by the scheduler's thread only.</summary>
internal sealed unsafe class TokenSampler : IDisposable
{
    private const int PenaltyWindow = 64;

    private readonly void* _chain;
    private readonly void* _grammar;
    private readonly TokenData* _candidates;
    private readonly int _vocabulary;

    /// <param name="recent">The prompt; its last tokens count for the penalties.</param>
    public TokenSampler(Vocabulary vocabulary, Sampling sampling, uint seed, ReadOnlySpan<int> recent)
    {
        _vocabulary = vocabulary.Count;
        if (sampling.IsPlainGreedy)
            return;
        _candidates = (TokenData*)NativeMemory.Alloc((nuint)_vocabulary, (nuint)sizeof(TokenData));
        _chain = MakeChain(sampling, seed);
        if (sampling.JsonOnly)
            _grammar = MakeGrammar(vocabulary);
        if (!sampling.HasPenalties)
            return;
        foreach (var token in recent[Math.Max(0, recent.Length - PenaltyWindow)..])
            Llama.llama_sampler_accept(_chain, token);
    }

    /// <summary>The next token; what was drawn counts for the next draw. Null if the grammar leaves none.</summary>
    public int? Draw(float* logits)
    {
        if (_chain == null)
            return Likeliest.Of(new ReadOnlySpan<float>(logits, _vocabulary));
        var token = Apply(logits, null);
        if (_grammar != null && !Allows(token))
        {
            token = Apply(logits, _grammar);
            if (!Allows(token))
                return null;
        }

        if (_grammar != null)
            Llama.llama_sampler_accept(_grammar, token);
        Llama.llama_sampler_accept(_chain, token);
        return token;
    }

    public void Dispose()
    {
        if (_chain != null)
            Llama.llama_sampler_free(_chain);
        if (_grammar != null)
            Llama.llama_sampler_free(_grammar);
        NativeMemory.Free(_candidates);
    }

    private void* MakeChain(Sampling sampling, uint seed)
    {
        var chain = Llama.llama_sampler_chain_init(new SamplerChainParams { NoPerf = 1 });
        if (sampling.HasPenalties)
            Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_penalties(_vocabulary, PenaltyWindow, sampling.RepeatPenalty, sampling.FrequencyPenalty, sampling.PresencePenalty));
        if (sampling.Temperature <= 0)
        {
            Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_greedy());
            return chain;
        }

        if (sampling.TopK > 0)
            Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_top_k(sampling.TopK));
        if (sampling.TopP < 1)
            Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_top_p(sampling.TopP, 1));
        if (sampling.MinP > 0)
            Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_min_p(sampling.MinP, 1));
        Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_temp(sampling.Temperature));
        Llama.llama_sampler_chain_add(chain, Llama.llama_sampler_init_dist(seed));
        return chain;
    }

    private static void* MakeGrammar(Vocabulary vocabulary)
    {
        fixed (byte* text = LlamaLibrary.Utf8(JsonGrammar.Text), root = LlamaLibrary.Utf8(JsonGrammar.Root))
        {
            var grammar = Llama.llama_sampler_init_grammar(vocabulary.Handle, text, root);
            return grammar != null ? grammar : throw new InvalidOperationException($"llama.cpp does not take the JSON grammar: {LlamaLog.LastError}");
        }
    }

    /// <summary>Asking the grammar about one token is far cheaper than about the whole vocabulary, and the model is mostly right.</summary>
    private bool Allows(int token)
    {
        var candidate = new TokenData { Id = token, Logit = 1 };
        var one = new TokenDataArray { Data = &candidate, Size = 1, Selected = -1 };
        Llama.llama_sampler_apply(_grammar, &one);
        return !float.IsNegativeInfinity(candidate.Logit);
    }

    private int Apply(float* logits, void* grammar)
    {
        for (var token = 0; token < _vocabulary; token++)
            _candidates[token] = new TokenData { Id = token, Logit = logits[token] };
        var all = new TokenDataArray { Data = _candidates, Size = (nuint)_vocabulary, Selected = -1 };
        if (grammar != null)
            Llama.llama_sampler_apply(grammar, &all);
        Llama.llama_sampler_apply(_chain, &all);
        return all.Data[all.Selected].Id;
    }
}
