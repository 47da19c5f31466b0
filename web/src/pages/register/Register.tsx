/** The journey of registration: sign in, see what is there, confirm or correct it, add what is missing, and a clear end. */
import { useEffect, useState } from "preact/hooks";
import type { Confirmed, Me, MyMethod } from "../../api/client";
import { useTask } from "../../hooks/useTask";
import { useWords } from "../../i18n";
import type { MethodPart } from "../../methods/part";
import { useSession } from "../../session";
import { BindMethod } from "./BindMethod";
import { ConfirmCode, type Asked } from "./ConfirmCode";
import { Finish, isReady } from "./Finish";
import { KeepSecret } from "./KeepSecret";
import { Loading } from "./Loading";
import type { Binding, Keeping } from "./MethodCard";
import { MethodList } from "./MethodList";
import { ProveFirst } from "./ProveFirst";
import { RemoveMethod } from "./RemoveMethod";
import { SignIn } from "./SignIn";
import { useAsMe } from "./useAsMe";

type View =
  | { at: "list" }
  | ({ at: "bind" } & Binding)
  | ({ at: "keep" } & Keeping)
  | { at: "code"; asked: Asked }
  | { at: "remove"; part: MethodPart; mine: MyMethod }
  | { at: "finish" };

export function Register() {
  const { client, who, setWho } = useSession();
  const { t } = useWords();
  const { asMe, paused, proved } = useAsMe();
  const [me, setMe] = useState<Me | null>(null);
  const [view, setView] = useState<View>({ at: "list" });
  const [asked, setAsked] = useState<Asked | null>(null);
  const [news, setNews] = useState("");
  const loading = useTask();
  const load = () => loading.run(async () => setMe(await asMe((token) => client.me(token))));

  useEffect(() => {
    if (who !== null && me === null) void load();
  }, [who]);

  const settled = (fresh: Me, text: string) => {
    setMe(fresh);
    setAsked(null);
    setNews(text);
    setView({ at: "list" });
  };
  const confirmed = ({ proof, ...fresh }: Confirmed, text: string) => {
    proved(proof);
    settled(fresh, text);
  };
  /** Without a result, what is shown may be out of date: a code that was asked for makes a method "pending". */
  const back = () => {
    setNews("");
    setView({ at: "list" });
    void load();
  };
  const enterCode = (now: Asked) => {
    setAsked(now);
    setView({ at: "code", asked: now });
  };
  // Done means signed out; somebody who still lacks a method is left the way back.
  const finish = (final: Me) => {
    setView({ at: "finish" });
    if (isReady(final)) setWho(null);
  };

  if (view.at === "finish" && me !== null) return <Finish me={me} onMore={back} onSignOut={() => setWho(null)} />;
  if (who === null) return <SignIn onSignedIn={setWho} />;

  const shown = () => {
    if (me === null) return <Loading problem={loading.problem} onRetry={() => void load()} />;
    switch (view.at) {
      case "list":
      case "finish":
        return (
          <MethodList
            me={me}
            news={news}
            awaiting={asked?.part}
            onBind={(binding) => setView({ at: "bind", ...binding })}
            onKeep={(keeping) => setView({ at: "keep", ...keeping })}
            onCode={(part, contact) => enterCode(asked?.part === part ? asked : { part, contact, typed: true, readyAt: 0 })}
            onRemove={(part, mine) => setView({ at: "remove", part, mine })}
            onReconfirm={async () => setMe(await asMe((token) => client.reconfirm(token)))}
            onWithdrawLoss={async () => settled(await asMe((token) => client.withdrawLoss(token)), t.loss.withdrawn)}
            onFinish={() => finish(me)}
          />
        );
      case "bind":
        return <BindMethod {...view} asMe={asMe} onAsked={enterCode} onBack={back} />;
      case "keep": {
        const labels = me.methods.map(({ label }) => label);
        return <KeepSecret {...view} labels={labels} asMe={asMe} onConfirmed={confirmed} onBack={back} />;
      }
      case "code":
        return (
          <ConfirmCode
            {...view}
            asMe={asMe}
            onAsked={setAsked}
            onConfirmed={confirmed}
            onCorrect={({ part, contact }) => setView({ at: "bind", part, contact, prefilled: false, replaces: false })}
            onBack={back}
          />
        );
      case "remove":
        return <RemoveMethod {...view} asMe={asMe} onRemoved={settled} onKeep={back} />;
    }
  };

  // The view stays mounted, out of sight, while a sign-in or a proof is asked for: what was typed is still there then.
  return (
    <>
      {paused?.until === "signed in" && (
        <SignIn again identifier={who.identifier} onSignedIn={paused.resume} onCancel={paused.giveUp} />
      )}
      {paused?.until === "proved" && (
        <ProveFirst
          token={paused.token}
          methods={paused.methods}
          onProved={paused.resume}
          onLost={(fresh) => {
            paused.giveUp();
            settled(fresh, "");
          }}
          onCancel={paused.giveUp}
        />
      )}
      <div hidden={paused !== null}>{shown()}</div>
    </>
  );
}
