namespace Helix.StandIn.Poses;

/// <summary>The flags of llama-server, read from its own help text (v0.5.0, 2026-11).</summary>
internal static class LlamaFlags
{
    public const string Table = """
        -h|--usage|--help --version -cl|--cache-list --completion-bash -t|--threads=I -tb|--threads-batch=I -C|--cpu-mask=S -Cr|--cpu-range=S --cpu-strict=S
        --prio=S --poll=S -Cb|--cpu-mask-batch=S -Crb|--cpu-range-batch=S --cpu-strict-batch=S --prio-batch=S --poll-batch=S -c|--ctx-size=I
        -n|--n-predict|--predict=I -b|--batch-size=I -ub|--ubatch-size=I --keep=I --swa-full -fa|--flash-attn=S --perf --no-perf -e|--escape --no-escape
        --rope-scaling=S --rope-scale=S --rope-freq-base=S --rope-freq-scale=S --yarn-orig-ctx=S --yarn-ext-factor=S --yarn-attn-factor=S --yarn-beta-slow=S
        --yarn-beta-fast=S -kvo|--kv-offload -nkvo|--no-kv-offload --repack -nr|--no-repack --no-host -ctk|--cache-type-k=S -ctv|--cache-type-v=S
        -dt|--defrag-thold=S --mlock --mmap --no-mmap -dio|--direct-io -ndio|--no-direct-io -lm|--load-mode=S --numa=S -dev|--device=S --list-devices
        -ot|--override-tensor=S -cmoe|--cpu-moe -ncmoe|--n-cpu-moe=S -ngl|--n-gpu-layers|--gpu-layers=S -sm|--split-mode=S -ts|--tensor-split=S
        -mg|--main-gpu=S -fit|--fit=S -fitt|--fit-target=S -fitc|--fit-ctx=S --check-tensors --override-kv=S --op-offload --no-op-offload --lora=S
        --lora-scaled=S --control-vector=S --control-vector-scaled=S --control-vector-layer-range=S -m|--model=S -mu|--model-url=S -dr|--docker-repo=S
        -hf|-hfr|--hf-repo=S -hff|--hf-file=S -hft|--hf-token=S --log-disable --log-file=S --log-colors=S -v|--log-verbose|--verbose --offline
        -lv|--log-verbosity|--verbosity=S --log-prefix --no-log-prefix --log-timestamps --no-log-timestamps -ctkd|--cache-type-k-draft|--spec-draft-type-k=S
        -ctvd|--cache-type-v-draft|--spec-draft-type-v=S --samplers=S -s|--seed=S --sampling-seq|--sampler-seq=S --ignore-eos --temperature|--temp=S --top-k=S
        --top-p=S --min-p=S --top-n-sigma|--top-nsigma=S --xtc-probability=S --xtc-threshold=S --typical-p|--typical=S --repeat-last-n=S --repeat-penalty=S
        --presence-penalty=S --frequency-penalty=S --dry-multiplier=S --dry-base=S --dry-allowed-length=S --dry-penalty-last-n=S --dry-sequence-breaker=S
        --adaptive-target=S --adaptive-decay=S --dynatemp-range=S --dynatemp-exp=S --mirostat=S --mirostat-lr=S --mirostat-ent=S -l|--logit-bias=S --grammar=S
        --grammar-file=S -j|--json-schema=S -jf|--json-schema-file=S -bs|--backend-sampling -hfd|-hfrd|--hf-repo-draft|--spec-draft-hf=S
        -td|--threads-draft|--spec-draft-threads=S -tbd|--threads-batch-draft|--spec-draft-threads-batch=S -Cd|--cpu-mask-draft|--spec-draft-cpu-mask=S
        -Crd|--cpu-range-draft|--spec-draft-cpu-range=S --cpu-strict-draft|--spec-draft-cpu-strict=S --prio-draft|--spec-draft-prio=S
        --poll-draft|--spec-draft-poll=S -Cbd|--cpu-mask-batch-draft|--spec-draft-cpu-mask-batch=S --cpu-strict-batch-draft|--spec-draft-cpu-strict-batch=S
        --prio-batch-draft|--spec-draft-prio-batch=S --poll-batch-draft|--spec-draft-poll-batch=S -otd|--override-tensor-draft|--spec-draft-override-tensor=S
        -cmoed|--cpu-moe-draft|--spec-draft-cpu-moe --spec-draft-ncmoe|-ncmoed|--n-cpu-moe-draft|--spec-draft-n-cpu-moe=S --spec-draft-n-max=S
        --spec-draft-n-min=S --draft-p-split|--spec-draft-p-split=S --draft-p-min|--spec-draft-p-min=S --spec-draft-backend-sampling
        --no-spec-draft-backend-sampling -devd|--device-draft|--spec-draft-device=S -ngld|--gpu-layers-draft|--n-gpu-layers-draft|--spec-draft-ngl=S
        -md|--model-draft|--spec-draft-model=S --spec-type=S --spec-ngram-mod-n-min=S --spec-ngram-mod-n-max=S --spec-ngram-mod-n-match=S
        --spec-ngram-simple-size-n=S --spec-ngram-simple-size-m=S --spec-ngram-simple-min-hits=S --spec-ngram-map-k-size-n=S --spec-ngram-map-k-size-m=S
        --spec-ngram-map-k-min-hits=S --spec-ngram-map-k4v-size-n=S --spec-ngram-map-k4v-size-m=S --spec-ngram-map-k4v-min-hits=S
        --draft-n|--draft-max|--draft=S --draft-n-min|--draft-min=S --spec-ngram-size-n=S --spec-ngram-size-m=S --spec-ngram-min-hits=S
        -lcs|--lookup-cache-static=S -lcd|--lookup-cache-dynamic=S -ctxcp|--swa-checkpoints|--ctx-checkpoints=S -cms|--checkpoint-min-step=S
        -cram|--cache-ram=I -kvu|--kv-unified -no-kvu|--no-kv-unified --cache-idle-slots --no-cache-idle-slots --context-shift --no-context-shift
        -r|--reverse-prompt=S -sp|--special --warmup --no-warmup --spm-infill --pooling=S -np|--parallel=I -cb|--cont-batching -nocb|--no-cont-batching
        -mm|--mmproj=S -mmu|--mmproj-url=S --mmproj-auto --no-mmproj-auto|--no-mmproj --mmproj-offload --no-mmproj-offload -mmdev|--mmproj-device=S
        --image-min-tokens=S --image-max-tokens=S --mtmd-batch-max-tokens=S -a|--alias=S --tags=S --embd-normalize=S --host=S --port=I --reuse-port --path=S
        --cors-origins=S --cors-methods=S --cors-headers=S --cors-credentials --no-cors-credentials --api-prefix=S --webui-config|--ui-config=S
        --webui-config-file|--ui-config-file=S --webui-mcp-proxy|--ui-mcp-proxy --no-webui-mcp-proxy|--no-ui-mcp-proxy --tools=S --tools-runtime=S
        --mcp-servers-config=S --mcp-servers-json=S -ag|--agent -no-ag|--no-agent --webui|--ui --no-webui|--no-ui --embeddings|--embedding
        --reranking|--rerank --api-key=S --api-key-file=S --ssl-key-file=S --ssl-cert-file=S --chat-template-kwargs=S -to|--timeout=I --sse-ping-interval=S
        --threads-http=I --cache-prompt --no-cache-prompt --cache-reuse=S --metrics --props --slots --no-slots --slot-save-path=S --media-path=S
        --models-dir=S --models-preset=S --models-max=I --models-autoload --no-models-autoload --jinja --no-jinja --reasoning-format=S -rea|--reasoning=S
        --reasoning-effort=S --reasoning-budget=S --reasoning-budget-message=S --reasoning-preserve --no-reasoning-preserve --chat-template
        --chat-template-file --skip-chat-parsing --no-skip-chat-parsing --prefill-assistant --no-prefill-assistant -sps|--slot-prompt-similarity=S
        --lora-init-without-apply --sleep-idle-seconds=I --log-prompts-dir=S --embd-gemma-default --fim-qwen-1 --fim-qwen-3b-default --fim-qwen-7b-default
        --fim-qwen-7b-spec --fim-qwen-14b-spec --fim-qwen-30b-default --gpt-oss-20b-default --gpt-oss-120b-default --vision-gemma-4b-default
        --vision-gemma-12b-default --spec-default
        """;
}
